import { setTimeout as delay } from 'node:timers/promises'
import { type ConsumerMessages, jetstream, JetStreamError, type JsMsg } from '@nats-io/jetstream'
import { Observable } from 'rxjs'
import { Failure } from '../domain/failure.ts'
import type { VisitMessage } from '../domain/visit-message.ts'
import type { StreamAccess } from './access.ts'
import { inHandTo } from './consumers.ts'
import { failureOfRequest } from './faults.ts'
import { isMissing } from './missing.ts'
import { consumerName, headerNames, readSubject } from './names.ts'

export interface Feed {
  /** Completes after `stop`. Survives reconnects, restarts of the server, and the loss of its consumer. */
  readonly messages$: Observable<VisitMessage>
  /** Resolves at the start if the previous reader had nothing in hand. */
  readonly nothingInHand: Promise<void>
  /** Stops pulling; messages that were received can still be ended. */
  stop(): Promise<void>
}

export interface FeedOptions {
  readonly partition: number
  readonly window: number
  /** Called before a wait for a consumer that is missing, or a server that does not answer. */
  readonly onWait?: ((error: unknown, delayMs: number) => void) | undefined
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>
}

const pause = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }).catch(() => undefined)

const firstWaitMs = 100
const longestWaitMs = 2_000

/**
 * Reads the messages of one partition as they arrive, at most `window` of them unacknowledged (the consumer's `max_ack_pending`). When the consumer
 * is lost, the feed waits until it is there again: this is no fault of the partition, and the others have the same chance.
 */
export const createFeed = (
  { connection, manager, names, doubt }: StreamAccess,
  { partition, window, onWait = () => undefined, wait = pause }: FeedOptions,
): Feed => {
  const name = consumerName(partition)
  let consuming: ConsumerMessages | undefined
  let stopped = false
  const stopping = new AbortController()
  const nothingInHand = Promise.withResolvers<void>()
  let begun: Promise<void> = Promise.resolve()
  const begin = async (next: (message: VisitMessage) => void): Promise<void> => {
    const { delivered, ack_floor, num_pending, num_ack_pending, config } = await manager.consumers.info(
      names.stream,
      name,
    )
    const inHand = Math.max(delivered.stream_seq, inHandTo(config))
    // A supervisor may restart a feed that was stopped before it began. Another owner may be reading by now, and a reset would disturb it.
    if (stopped) return
    // The owner starts behind the acknowledged messages: what a killed process had in hand comes again now, not after the ack wait.
    await manager.consumers.reset(names.stream, name)
    if (inHand <= ack_floor.stream_seq || num_pending + num_ack_pending === 0) nothingInHand.resolve()
    const consumer = await jetstream(connection).consumers.get(names.stream, name)
    if (stopped) return
    consuming = await consumer.consume({
      max_messages: window,
      abort_on_missing_resource: true,
      callback: message => {
        const read = asVisitMessage(message, inHand)
        if (read.partition === partition) return next(read)
        // Somebody changed the consumer's filter; the worker of that partition gets it, too.
        doubt()
        message.ack()
      },
    })
  }
  /** Resolves when the feed was stopped, or its reader has left. */
  const consume = async (next: (message: VisitMessage) => void, left: AbortSignal): Promise<void> => {
    for (let waitMs = firstWaitMs; !stopped && !left.aborted;) {
      try {
        begun = begin(next)
        await begun
        waitMs = firstWaitMs
        if (stopped || left.aborted) consuming?.stop()
        const ended = await Promise.race([consuming?.closed(), pullRefused(consuming)])
        if (!(ended instanceof Error)) return
        consuming?.stop()
        throw ended
      } catch (error) {
        if (connection.isClosed()) throw error
        if (stopped || left.aborted) return
        doubt()
        if (!isGone(error)) onWait(failureOfRequest(error), waitMs)
        await wait(waitMs, AbortSignal.any([stopping.signal, left]))
        waitMs = Math.min(waitMs * 2, longestWaitMs)
      }
    }
  }
  // An Observable of its own: `from(consumer)` would read the client's async iterator, which costs a promise for each message.
  const messages$ = new Observable<VisitMessage>(subscriber => {
    const leaving = new AbortController()
    consume(message => subscriber.next(message), leaving.signal).then(
      () => subscriber.complete(),
      error => subscriber.error(error),
    )
    return () => {
      leaving.abort()
      consuming?.stop()
    }
  })
  return {
    messages$,
    nothingInHand: nothingInHand.promise,
    stop: async () => {
      stopped = true
      stopping.abort()
      // The caller may close the connection next, so a feed that is still starting must finish first.
      await begun.catch(() => undefined)
      consuming?.stop()
      await consuming?.closed()
    },
  }
}

/**
 * Resolves to an error when nothing listens to a pull, because the consumer was removed right before it. The client would notice that half a
 * minute later.
 */
const pullRefused = async (consuming: ConsumerMessages | undefined): Promise<Error> => {
  for await (const { type } of consuming?.status() ?? [])
    if (type === 'no_responders') return new JetStreamError('nothing listens to a pull')
  return new Promise(() => undefined)
}

/** The consumer is missing: whoever restores it logs that. */
const isGone = (error: unknown): boolean =>
  isMissing(error) || (error instanceof JetStreamError && (error as { code?: unknown }).code === consumerDeleted)

const consumerDeleted = 409

const decoder = new TextDecoder('utf-8', { fatal: true })

const asVisitMessage = (message: JsMsg, inHand: number): VisitMessage => {
  const { partition, tenant, type } = readSubject(message.subject)
  return {
    partition,
    tenant,
    type,
    sequence: message.seq,
    at: Math.floor(message.info.timestampNanos / 1_000_000),
    // With nothing pending, the messages in between are no longer in the stream.
    caughtUp: message.seq >= inHand || message.info.pending === 0,
    redeliveries: message.info.deliveryCount - 1,
    traceparent: message.headers?.get(headerNames.traceparent) || null,
    text: () => {
      try {
        return decoder.decode(message.data)
      } catch (error) {
        throw new Failure('not_utf8', 'The message is not UTF-8 text.', { cause: error })
      }
    },
    rawBytes: message.data,
    ack: () => message.ack(),
    working: () => message.working(),
    handBack: delayMs => message.nak(delayMs),
    discard: reason => message.term(reason),
  }
}
