import type { Collection, Filter } from 'mongodb'
import { isAbout } from '../domain/erasure.ts'
import type { EpochMs } from '../domain/time.ts'
import { endWithoutContent, removeContent, withoutAnswers } from './content.ts'
import { type DeliveryDocument, ofEvent } from './delivery-document.ts'
import { guarded, unhurriedly } from './faults.ts'

export interface ErasedRows {
  readonly deliveries: number
  readonly cancelled: number
  /** The subscriptions of these rows; their supervisors may have one in hand. */
  readonly subscriptionIds: readonly string[]
}

/** How many events one query covers. */
const eventsAtOnce = 50

/** Removes a visitor's content from the ledger's rows. The rows themselves stay as log entries with ids. */
export const createEraseRows = (collection: Collection<DeliveryDocument>) => {
  /** Removes the content of these events' rows and cancels those that wait. Idempotent. */
  const eraseEvents = async (tenant: string, eventIds: readonly string[], now: EpochMs): Promise<ErasedRows> => {
    const [subscriptionIds, counts] = [new Set<string>(), { deliveries: 0, cancelled: 0 }]
    for (let first = 0; first < eventIds.length; first += eventsAtOnce) {
      const ranges = eventIds.slice(first, first + eventsAtOnce).map(ofEvent)
      const query: Filter<DeliveryDocument> = { tenant, contentGone: { $ne: 'erased' }, $or: ranges }
      const found = await guarded(collection.find(query, { projection: { subscriptionId: 1, open: 1 } }).toArray())
      found.forEach(({ subscriptionId }) => subscriptionIds.add(subscriptionId))
      const _id = { $in: found.map(row => row._id) }
      const end = endWithoutContent('cancelled', 'erased', 'erased', now)
      const { modifiedCount: cancelled } = await guarded(collection.updateMany({ _id, open: true }, end))
      // The rows that were just cancelled carry the mark already.
      const rest: Filter<DeliveryDocument> = { _id, contentGone: { $ne: 'erased' } }
      const { modifiedCount: stripped } = await guarded(collection.updateMany(rest, removeContent('erased')))
      counts.deliveries += cancelled + stripped
      counts.cancelled += cancelled
    }
    return { ...counts, subscriptionIds: [...subscriptionIds] }
  }

  return {
    eraseEvents,

    /** Returns the events about the visitor whose body is in a row although the stream lost them, as after a restore from a backup. */
    eventsAbout: async (tenant: string, visitorId: string): Promise<string[]> => {
      const rows = collection
        .find({ tenant, body: { $exists: true } })
        .project<{ eventId: string; body: string }>({ eventId: 1, body: 1 })
      const found = new Set<string>()
      for await (const { eventId, body } of unhurriedly(rows)) if (isAbout(body, visitorId)) found.add(eventId)
      return [...found]
    },

    /** Removes receivers' answers that contain the visitor's id, from any delivery. */
    eraseAnswers: async (tenant: string, visitorId: string): Promise<number> => {
      const named = new RegExp(`(?<![\\w-])${RegExp.escape(visitorId)}(?![\\w-])`)
      const query: Filter<DeliveryDocument> = {
        tenant,
        $or: [{ 'attempts.response': named }, { 'attempts.location': named }],
      }
      const rows = await guarded(collection.find(query, { projection: { _id: 1, open: 1 } }).toArray())
      const stages = [{ $set: { attempts: withoutAnswers, revision: { $add: ['$revision', 1] } } }]
      const ids = rows.map(({ _id }) => _id)
      return (await guarded(collection.updateMany({ _id: { $in: ids } }, stages))).modifiedCount
    },
  }
}
