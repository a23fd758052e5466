import type { Collection, Filter } from 'mongodb'
import { type Backlog, emptyBacklog } from '../domain/backlog.ts'
import type { Delivery, DeliveryReason, DeliveryStatus } from '../domain/delivery.ts'
import type { EpochMs } from '../domain/time.ts'
import { createBatcher } from './batcher.ts'
import { type DeliveryDocument, expiry, toDelivery } from './delivery-document.ts'
import { insertAll, reconcile, replaceAll } from './delivery-writes.ts'
import { guarded } from './faults.ts'
import { nobody } from './observer.ts'

export interface DeliveryQuery {
  readonly tenant: string
  readonly eventId?: string
  readonly subscriptionId?: string
  readonly visitId?: string
  readonly status?: DeliveryStatus
  readonly type?: string
  /** Created at or after, and before, these moments. */
  readonly from?: EpochMs
  readonly to?: EpochMs
  readonly limit: number
  /** Rows older than this one: its `createdAt` and id. */
  readonly before?: { readonly createdAt: EpochMs; readonly id: string }
}

/** The delivery ledger: log, retry schedule and backlog in one row for each event and subscription. */
export type Deliveries = ReturnType<typeof createDeliveries>

/** A row is written after its attempt: nobody waits for these milliseconds, and a command costs as much as the writing of ten rows. */
const batching = { limit: 500, inFlight: 2, everyMs: 12 }
/** An event waits for its look-up, under load alone. */
const lookingUp = { limit: 256, inFlight: 2, everyMs: 8 }

export const createDeliveries = (collection: Collection<DeliveryDocument>, { batchWritten } = nobody) => {
  const writer = (kind: 'insert' | 'update', write: typeof insertAll) =>
    createBatcher(batching, async (rows: readonly Delivery[]) => {
      const startedAt = performance.now()
      const results = await guarded(write(collection, rows))
      batchWritten(kind, rows.length, performance.now() - startedAt)
      return results
    })
  const inserts = writer('insert', insertAll)
  const updates = writer('update', replaceAll)
  /** What all partitions ask at the same time is one question: with many tenants each of them asks for few rows. */
  const lookUps = createBatcher(lookingUp, async (asked: readonly (readonly string[])[]) => {
    const query = { _id: { $in: asked.flat() } }
    const found = await guarded(collection.find(query, { projection: { _id: 1 } }).toArray())
    const ids: ReadonlySet<string> = new Set(found.map(({ _id }) => _id))
    return asked.map(() => ids)
  })
  const merged = async (row: Delivery, write: Promise<'written' | 'met_another'>): Promise<Delivery> =>
    (await write) === 'written' ? row : guarded(reconcile(collection, row))
  const open = (subscriptionId: string): Filter<DeliveryDocument> => ({ subscriptionId, open: true })

  return {
    /** Which of these rows exist. */
    existing: (ids: readonly string[]): Promise<ReadonlySet<string>> => lookUps.add(ids),

    /** Writes a new row; answers with the row as it stands, which is another if somebody wrote it before (`mergeRows`). */
    insert: (row: Delivery): Promise<Delivery> => merged(row, inserts.add(row)),

    /** Replaces the row's last revision by this one; answers with the row as it stands. */
    update: (row: Delivery): Promise<Delivery> => merged(row, updates.add(row)),

    /** Rows whose time has come, oldest first. */
    due: async (subscriptionId: string, now: EpochMs, limit: number): Promise<Delivery[]> => {
      const query = { ...open(subscriptionId), nextAttemptAt: { $lte: now } }
      const rows = await guarded(collection.find(query).sort({ nextAttemptAt: 1 }).limit(limit).toArray())
      return rows.map(toDelivery)
    },

    /** When the first row after this moment falls due; null when none is waiting. */
    nextDueAt: async (subscriptionId: string, after: EpochMs): Promise<EpochMs | null> => {
      const query = { ...open(subscriptionId), nextAttemptAt: { $gt: after } }
      const options = { sort: { nextAttemptAt: 1 }, projection: { nextAttemptAt: 1 } } as const
      return (await guarded(collection.findOne(query, options)))?.nextAttemptAt ?? null
    },

    /** Subscriptions that have pending or held rows: walks the partial index from one subscription to the next. */
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

    /** What waits for each of these subscriptions; one for which nothing waits is left out. */
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

    /** Ends every waiting row of a subscription that was deleted. */
    cancelAll: async (subscriptionId: string, reason: DeliveryReason, now: EpochMs): Promise<number> => {
      return (await guarded(collection.updateMany(open(subscriptionId), closing('cancelled', reason, now))))
        .modifiedCount
    },

    /** Ends the rows that a paused or disabled subscription missed, when its user does not want them. */
    skipHeld: async (subscriptionId: string, now: EpochMs): Promise<number> => {
      const query = { ...open(subscriptionId), status: 'held' } as const
      return (await guarded(collection.updateMany(query, closing('cancelled', 'skipped', now)))).modifiedCount
    },

    /** Ends rows older than their subscription wants them; those that a user sent again are left. */
    expire: async (subscriptionId: string, createdBefore: EpochMs, now: EpochMs): Promise<number> => {
      const query: Filter<DeliveryDocument> = {
        ...open(subscriptionId),
        createdAt: { $lt: createdBefore },
        kind: { $exists: false },
        earlierAttempts: { $exists: false },
      }
      return (await guarded(collection.updateMany(query, closing('dead', 'expired', now)))).modifiedCount
    },

    /** A tenant's rows, newest first. */
    list: async ({ tenant, eventId, limit, before, from, to, ...equal }: DeliveryQuery): Promise<Delivery[]> => {
      const conditions: Filter<DeliveryDocument>[] = [{ tenant, ...equal }]
      // Every id begins with its event's, and '/' is the character after '.'.
      if (eventId !== undefined) conditions.push({ _id: { $gte: `${eventId}.`, $lt: `${eventId}/` } })
      if (from !== undefined) conditions.push({ createdAt: { $gte: from } })
      if (to !== undefined) conditions.push({ createdAt: { $lt: to } })
      if (before !== undefined)
        conditions.push({
          $or: [{ createdAt: { $lt: before.createdAt } }, { createdAt: before.createdAt, _id: { $lt: before.id } }],
        })
      const found = collection.find({ $and: conditions }).sort({ createdAt: -1, _id: -1 }).limit(limit)
      return (await guarded(found.toArray())).map(toDelivery)
    },

    /** As if it had never been: for a row whose event was erased while it was made. */
    remove: async (id: string): Promise<void> => {
      await guarded(collection.deleteOne({ _id: id }))
    },

    get: async (tenant: string, id: string): Promise<Delivery | null> => {
      const row = await guarded(collection.findOne({ _id: id, tenant }))
      return row === null ? null : toDelivery(row)
    },
  }
}

/** A dead row keeps its body, so that it can be sent again. */
const closing = (status: 'cancelled' | 'dead', reason: DeliveryReason, now: EpochMs) => ({
  $set: { status, reason, updatedAt: now, expireAt: expiry(now) },
  $unset: { open: '' as const, nextAttemptAt: '' as const, ...(status === 'dead' ? {} : { body: '' as const }) },
  $inc: { revision: 1 },
})
