import type { Collection } from 'mongodb'
import type { EpochMs } from '../domain/time.ts'
import { createBatcher } from './batcher.ts'
import { logRetentionMs } from './delivery-document.ts'
import { eachAlone, errorsOfDocuments } from './document-errors.ts'
import { guarded } from './faults.ts'

/** A record, without content, of an event that no subscription matched. It answers the question why the event was not delivered. */
export interface UnmatchedEvent {
  readonly tenant: string
  readonly eventId: string
  readonly type: string
  readonly visitId: string
  readonly streamSequence: number
  /** When the stream accepted it. */
  readonly at: EpochMs
}
export type UnmatchedDocument = UnmatchedEvent & { readonly _id: string; readonly expireAt: Date }

const idOf = (tenant: string, eventId: string): string => `${tenant}.${eventId}`

export const createUnmatched = (collection: Collection<UnmatchedDocument>) => {
  const upsertAll = async (events: readonly UnmatchedEvent[]) => {
    const results = events.map((): 'written' | Error => 'written')
    const operations = events.map(event => ({
      replaceOne: {
        filter: { _id: idOf(event.tenant, event.eventId) },
        replacement: { ...event, expireAt: new Date(event.at + logRetentionMs) },
        upsert: true,
      },
    }))
    try {
      await collection.bulkWrite(operations, { ordered: false })
    } catch (error) {
      // Of two that write the same record at the same time, one has written it.
      for (const [index, result] of errorsOfDocuments(error)) if (result !== 'conflict') results[index] = result
    }
    return results
  }
  const upserts = createBatcher<UnmatchedEvent, 'written'>({ limit: 500, inFlight: 2, everyMs: 25 }, events =>
    guarded(eachAlone(events, upsertAll)),
  )
  return {
    /** Resolves when the record is durable. Idempotent. Rejects when this record is refused; those of other events are written. */
    keep: async (event: UnmatchedEvent): Promise<void> => void (await upserts.add(event)),
    /** Removes the records of events that were accepted before this moment. Returns their number. */
    removeBefore: async (tenant: string, before: EpochMs): Promise<number> => {
      // Each id begins with the tenant's id and a dot, and '/' is the character after '.'.
      const query = { _id: { $gte: `${tenant}.`, $lt: `${tenant}/` }, at: { $lt: before } }
      return (await guarded(collection.deleteMany(query))).deletedCount
    },
    get: async (tenant: string, eventId: string): Promise<UnmatchedEvent | null> =>
      guarded(collection.findOne({ _id: idOf(tenant, eventId) }, { projection: { _id: 0, expireAt: 0 } })),
  }
}
