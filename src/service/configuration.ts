import { randomUUID } from 'node:crypto'
import { configuredType, markType, writeConfigured } from '../domain/control-message.ts'
import { Failure } from '../domain/failure.ts'
import type { Directory } from '../ledger/directory.ts'
import type { Streams } from '../streams/connect.ts'

/** Orders the changes of subscriptions among the events of their tenant, by the one order that all processes share: the stream's. */
export interface Configuration {
  /** Returns a place in the stream: an event with a higher sequence is accepted after this call. */
  mark(tenant: string): Promise<number>
  /**
   * Resolves when a stored change (null: a deletion) counts for every event that is accepted from now on, whichever process takes it.
   * Throws Failure `streams_unavailable` or `stream_full` when that is not sure.
   */
  inForce(tenant: string, id: string, version: number | null): Promise<void>
}

export const createConfiguration = (
  streams: Pick<Streams, 'publish'>,
  directory: Pick<Directory, 'inForce'>,
): Configuration => {
  // The dot keeps these ids apart from those of events.
  const publish = (tenant: string, type: string, body: string) =>
    streams.publish({ tenant, type, id: `doorbell.${randomUUID()}`, body, traceparent: null })
  return {
    mark: async tenant => (await publish(tenant, markType, '{}')).sequence,
    inForce: async (tenant, id, version) => {
      await directory.inForce(id, version)
      try {
        await publish(tenant, configuredType, writeConfigured({ id, version }))
      } catch (error) {
        throw error instanceof Failure ? storedOnly(error) : error
      }
    },
  }
}

/** While the stream takes no message it takes no event either. What was stored stays stored, and every process hears of it. */
const storedOnly = ({ code, retryAfterS, internal, cause }: Failure): Failure =>
  new Failure(
    code,
    'The change is stored and takes effect within seconds, but the event store did not confirm its place among new events. Repeat the request to make sure.',
    { ...(retryAfterS !== undefined && { retryAfterS }), ...(internal !== undefined && { internal }), cause },
  )
