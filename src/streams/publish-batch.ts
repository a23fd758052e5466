import type { JetStreamClient } from '@nats-io/jetstream'
import { errors } from 'nats'
import { messageHeaders, type Outgoing } from './publication.ts'

/**
 * Publishes two or more events as one atomic batch, which the server flushes before it answers. Resolves to the stream sequence of the
 * last one, or to null when the server refused the batch, for example because it holds an id that the stream knows. Rejects when the
 * server did not answer within the client's timeout.
 *
 * The client opens a batch with a request of its own. Measured against our own batch headers, in one process alternately, with
 * `sync_interval: always`: +3 µs of CPU for each event with 128 callers, +13 µs with 32, +53 µs with 8.
 */
export const publishBatch = async (client: JetStreamClient, outgoing: readonly Outgoing[]): Promise<number | null> => {
  const [first, ...others] = outgoing
  const last = others.pop()
  if (first === undefined || last === undefined) throw new Error('a batch needs two events')
  try {
    const batch = await client.startBatch(...messageOf(first))
    for (const each of others) batch.add(...messageOf(each))
    const [subject, body, options] = messageOf(last)
    return (await batch.commit(subject, body, options)).seq
  } catch (error) {
    if (isUnanswered(error)) throw error
    return null
  }
}

const messageOf = (outgoing: Outgoing) =>
  [outgoing.subject, outgoing.publication.body, { headers: messageHeaders(outgoing) }] as const

const { TimeoutError, RequestError, NoRespondersError, ClosedConnectionError, DrainingConnectionError } = errors

/** The client reports a refused commit as a plain Error, so an answer that never came is recognized by its class instead. */
const isUnanswered = (error: unknown): boolean =>
  [TimeoutError, RequestError, NoRespondersError, ClosedConnectionError, DrainingConnectionError].some(
    kind => error instanceof kind,
  )
