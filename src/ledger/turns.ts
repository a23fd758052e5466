import type { Collection } from 'mongodb'
import type { Delivery } from '../domain/delivery.ts'
import { type DeliveryDocument, toDelivery } from './delivery-document.ts'
import { guarded } from './faults.ts'

/** How many open rows are read to know whose turn it is; the rest follows when these are done. */
const rowsLimit = 2_000

/** Visits with open rows of a subscription whose events keep their order. */
export const createTurns = (collection: Collection<DeliveryDocument>) => ({
  /** Each visit with its open rows, the oldest first. */
  of: async (subscriptionId: string) => {
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

  /** The first open row of a visit if it waits for its turn; `active` when it has a due time and comes by itself. */
  next: async (subscriptionId: string, visitId: string): Promise<{ row: Delivery | null; active: boolean }> => {
    const query = { subscriptionId, visitId, open: true, ordered: true } as const
    const found = await guarded(collection.findOne(query, { sort: { streamSequence: 1 } }))
    if (found === null) return { row: null, active: false }
    return found.nextAttemptAt === undefined ? { row: toDelivery(found), active: false } : { row: null, active: true }
  },
})
