import type { Collection, Filter } from 'mongodb'
import { isAbout } from '../domain/erasure.ts'
import type { EpochMs } from '../domain/time.ts'
import { endWithoutContent, removeContent } from './content.ts'
import type { DeliveryDocument } from './delivery-document.ts'
import { guarded } from './faults.ts'

export interface ErasedRows {
  readonly deliveries: number
  readonly cancelled: number
  /** Whose supervisors may have such a row in hand. */
  readonly subscriptionIds: readonly string[]
}

/** Events whose rows are looked for at once. */
const eventsAtOnce = 50

/** Takes a visitor's content out of the ledger's rows. The rows stay: they say what happened when, in ids. */
export const createEraseRows = (collection: Collection<DeliveryDocument>) => {
  /** Rows of these events; those that wait are cancelled. Repeatable. */
  const eraseEvents = async (tenant: string, eventIds: readonly string[], now: EpochMs): Promise<ErasedRows> => {
    const [subscriptionIds, counts] = [new Set<string>(), { deliveries: 0, cancelled: 0 }]
    for (let first = 0; first < eventIds.length; first += eventsAtOnce) {
      // Every id begins with its event's, and '/' is the character after '.'.
      const ranges = eventIds
        .slice(first, first + eventsAtOnce)
        .map(eventId => ({ _id: { $gte: `${eventId}.`, $lt: `${eventId}/` } }))
      const query: Filter<DeliveryDocument> = { tenant, contentGone: { $ne: 'erased' }, $or: ranges }
      const found = await guarded(collection.find(query, { projection: { subscriptionId: 1, open: 1 } }).toArray())
      found.forEach(({ subscriptionId }) => subscriptionIds.add(subscriptionId))
      const _id = { $in: found.map(row => row._id) }
      const end = endWithoutContent('cancelled', 'erased', 'erased', now)
      const { modifiedCount: cancelled } = await guarded(collection.updateMany({ _id, open: true }, end))
      // Those that were just cancelled carry the mark, and are left.
      const rest: Filter<DeliveryDocument> = { _id, contentGone: { $ne: 'erased' } }
      const { modifiedCount: stripped } = await guarded(collection.updateMany(rest, removeContent('erased')))
      counts.deliveries += cancelled + stripped
      counts.cancelled += cancelled
    }
    return { ...counts, subscriptionIds: [...subscriptionIds] }
  }

  return {
    eraseEvents,

    /** Events whose body is kept in a row although the stream has lost them, as after a restore from a backup. */
    eventsAbout: async (tenant: string, visitorId: string): Promise<string[]> => {
      const rows = collection
        .find({ tenant, body: { $exists: true } })
        .project<{ eventId: string; body: string }>({ eventId: 1, body: 1 })
      const found = new Set<string>()
      for await (const { eventId, body } of rows) if (isAbout(body, visitorId)) found.add(eventId)
      return [...found]
    },

    /** Removes receivers' answers that name the visitor's id, whichever delivery they were given to. */
    eraseAnswers: async (tenant: string, visitorId: string): Promise<number> => {
      const named = new RegExp(`(?<![\\w-])${RegExp.escape(visitorId)}(?![\\w-])`)
      const query: Filter<DeliveryDocument> = { tenant, 'attempts.response': named }
      const rows = await guarded(collection.find(query, { projection: { _id: 1, open: 1 } }).toArray())
      const stages = [
        {
          $set: {
            attempts: { $map: { input: '$attempts', in: { $unsetField: { field: 'response', input: '$$this' } } } },
            revision: { $add: ['$revision', 1] },
          },
        },
      ]
      const ids = rows.map(({ _id }) => _id)
      return (await guarded(collection.updateMany({ _id: { $in: ids } }, stages))).modifiedCount
    },
  }
}
