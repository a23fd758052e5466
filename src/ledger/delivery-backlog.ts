import type { Collection, Filter } from 'mongodb'
import { type Backlog, emptyBacklog } from '../domain/backlog.ts'
import type { Delivery, DeliveryStatus } from '../domain/delivery.ts'
import type { EpochMs } from '../domain/time.ts'
import { type DeliveryDocument, toDelivery } from './delivery-document.ts'
import { guarded } from './faults.ts'

/** Reads the rows that wait: pending and held ones. */
export const createDeliveryBacklog = (collection: Collection<DeliveryDocument>) => ({
  /** Returns the rows that are due, oldest first. */
  due: async (subscriptionId: string, now: EpochMs, limit: number): Promise<Delivery[]> => {
    const query = { subscriptionId, open: true, nextAttemptAt: { $lte: now } } as const
    const rows = await guarded(collection.find(query).sort({ nextAttemptAt: 1 }).limit(limit).toArray())
    return rows.map(toDelivery)
  },

  /** Returns when the first row after this moment is due; null when no row is. */
  nextDueAt: async (subscriptionId: string, after: EpochMs): Promise<EpochMs | null> => {
    const query = { subscriptionId, open: true, nextAttemptAt: { $gt: after } } as const
    const options = { sort: { nextAttemptAt: 1 }, projection: { nextAttemptAt: 1 } } as const
    return (await guarded(collection.findOne(query, options)))?.nextAttemptAt ?? null
  },

  /** Returns the subscriptions with pending or held rows. It walks the partial index from one subscription to the next. */
  backlogged: async (): Promise<string[]> => {
    const ids: string[] = []
    for (let last = ''; ;) {
      const query: Filter<DeliveryDocument> = { open: true, subscriptionId: { $gt: last } }
      const options = {
        sort: { subscriptionId: 1, nextAttemptAt: 1 },
        projection: { _id: 0, subscriptionId: 1 },
      } as const
      const row = await guarded(collection.findOne(query, options))
      if (row === null) return ids
      last = row.subscriptionId
      ids.push(last)
    }
  },

  /** Returns what waits for each of these subscriptions; a subscription without waiting rows is left out. */
  backlogs: async (subscriptionIds: readonly string[]): Promise<ReadonlyMap<string, Backlog>> => {
    const groups = await guarded(
      collection
        .aggregate<{ _id: { subscriptionId: string; status: DeliveryStatus }; count: number; oldest: number }>([
          { $match: { subscriptionId: { $in: [...subscriptionIds] }, open: true } },
          {
            $group: {
              _id: { subscriptionId: '$subscriptionId', status: '$status' },
              count: { $sum: 1 },
              oldest: { $min: '$createdAt' },
            },
          },
        ])
        .toArray(),
    )
    const found = new Map<string, Backlog>()
    for (const { _id, count, oldest } of groups) {
      const before = found.get(_id.subscriptionId) ?? emptyBacklog
      found.set(_id.subscriptionId, {
        ...before,
        [_id.status]: count,
        oldestPendingAt: Math.min(oldest, before.oldestPendingAt ?? oldest),
      })
    }
    return found
  },
})
