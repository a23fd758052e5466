import type { Collection } from 'mongodb'
import type { Delivery } from '../domain/delivery.ts'
import { type DeliveryDocument, toDelivery } from './delivery-document.ts'
import { guarded } from './faults.ts'

/** How many open rows are read at once; the others are read when these are final. */
const rowsLimit = 2_000

/** The open rows of visits, for subscriptions with `ordering: "visit"`. */
export const createVisitOrder = (collection: Collection<DeliveryDocument>) => ({
  /** Returns each visit with open rows, in the order of its oldest row. */
  openVisits: async (subscriptionId: string) => {
    const rows = await guarded(
      collection
        .find({ subscriptionId, open: true, ordered: true })
        .project<{ visitId: string; nextAttemptAt?: number }>({ visitId: 1, nextAttemptAt: 1 })
        .sort({ streamSequence: 1 })
        .limit(rowsLimit)
        .toArray(),
    )
    const visits = new Map<string, { visitId: string; open: number; active: boolean }>()
    for (const { visitId, nextAttemptAt } of rows) {
      const known = visits.get(visitId) ?? { visitId, open: 0, active: false }
      known.open += 1
      known.active ||= nextAttemptAt !== undefined
      visits.set(visitId, known)
    }
    return { visits: [...visits.values()], complete: rows.length < rowsLimit }
  },

  /** Returns the first open row of a visit if it waits for an earlier one; `active` when it has a due time and is fetched by that. */
  next: async (subscriptionId: string, visitId: string): Promise<{ row: Delivery | null; active: boolean }> => {
    const query = { subscriptionId, visitId, open: true, ordered: true } as const
    const found = await guarded(collection.findOne(query, { sort: { streamSequence: 1 } }))
    if (found === null) return { row: null, active: false }
    return found.nextAttemptAt === undefined ? { row: toDelivery(found), active: false } : { row: null, active: true }
  },
})
