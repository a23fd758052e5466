import { eventIdOf } from '../domain/erasure.ts'
import { partitionOf } from '../domain/partition.ts'
import type { EpochMs } from '../domain/time.ts'
import type { EventReader } from '../intake/read-event.ts'
import type { Streams } from '../streams/connect.ts'

export interface WaitingEvent {
  readonly type: string
  readonly visitId: string
  readonly streamSequence: number
  readonly at: EpochMs
}

/** How far the events of a tenant are processed. */
export interface Progress {
  /** Every event of the tenant up to this sequence is processed: its deliveries are in the log. A later one may be under way. */
  workedOnTo(tenant: string): Promise<number>
  /** Finds an event behind this sequence by its id; null if it is not among the next ten thousand. */
  findWaiting(tenant: string, eventId: string, after: number): Promise<WaitingEvent | null>
}

const pageSize = 500
const mostPages = 20

export const createProgress = (
  streams: Pick<Streams, 'history' | 'workedOnTo'>,
  reader: Pick<EventReader, 'message'>,
  partitions: number,
): Progress => ({
  workedOnTo: tenant => streams.workedOnTo(partitionOf(tenant, partitions)),
  findWaiting: async (tenant, eventId, after) => {
    let place = after
    for (let page = 0; page < mostPages; page += 1) {
      const messages = await streams.history({ tenant, from: 0, after: place, limit: pageSize })
      const last = messages.at(-1)
      if (last === undefined) return null
      const found = messages.find(({ text }) => eventIdOf(text) === eventId)
      if (found !== undefined) return waiting(reader, tenant, found)
      place = last.sequence
    }
    return null
  },
})

/** Null if the message is not a valid event: it will be set aside. */
const waiting = (
  reader: Pick<EventReader, 'message'>,
  tenant: string,
  { type, text, sequence, at }: Awaited<ReturnType<Streams['history']>>[number],
): WaitingEvent | null => {
  try {
    const { visitId } = reader.message(tenant, type, text, at)
    return { type, visitId, streamSequence: sequence, at }
  } catch {
    return null
  }
}
