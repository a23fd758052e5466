import type { Collection, Filter } from 'mongodb'
import type { Delivery, DeliveryStatus } from '../domain/delivery.ts'
import type { Replay, ReplayProgress } from '../domain/replay.ts'
import type { EpochMs } from '../domain/time.ts'
import { type DeliveryDocument, expiry, logRetentionMs, toDelivery, waitExpiry } from './delivery-document.ts'
import { guarded, unlessThere } from './faults.ts'

/** `expireAt` is set once the replay is over. */
export type ReplayDocument = Omit<Replay, 'id'> & { readonly _id: string; readonly expireAt?: Date }

const toReplay = ({ _id, expireAt: _, ...rest }: ReplayDocument): Replay => ({ id: _id, ...rest })

/** Matches the rows that a replay selects. */
const selected = ({ tenant, subscriptionId, from, to, selection }: Replay): Filter<DeliveryDocument> => ({
  tenant,
  subscriptionId,
  createdAt: { $gte: from, $lt: to },
  kind: { $ne: 'test' },
  status: selection === 'all' || selection === 'missing' ? { $in: ['delivered', 'dead', 'cancelled'] } : selection,
})

/** Replays, and their changes of the ledger's rows. */
export const createReplays = (replays: Collection<ReplayDocument>, deliveries: Collection<DeliveryDocument>) => ({
  /** A replay with this id stays as it is. */
  insert: async ({ id, ...replay }: Replay): Promise<void> => {
    await guarded(unlessThere(replays.insertOne({ _id: id, ...replay })))
  },

  get: async (tenant: string, id: string): Promise<Replay | null> => {
    const found = await guarded(replays.findOne({ _id: id, tenant }))
    return found === null ? null : toReplay(found)
  },

  /** Returns the newest first: ids are ULIDs, which sort by time. */
  list: async (
    tenant: string,
    { subscriptionId, before, limit }: { subscriptionId?: string; before?: string; limit: number },
  ): Promise<Replay[]> => {
    const query: Filter<ReplayDocument> = {
      tenant,
      ...(subscriptionId === undefined ? {} : { subscriptionId }),
      ...(before === undefined ? {} : { _id: { $lt: before } }),
    }
    return (await guarded(replays.find(query).sort({ _id: -1 }).limit(limit).toArray())).map(toReplay)
  },

  running: async (): Promise<Replay[]> => (await guarded(replays.find({ state: 'running' }).toArray())).map(toReplay),

  /** Stores the progress. Returns false when the replay was cancelled. */
  advance: async ({ id, opened, skipped, cursor, state, finishedAt }: Replay): Promise<boolean> => {
    const end = finishedAt === null ? {} : { expireAt: new Date(finishedAt + logRetentionMs) }
    const $set = { opened, skipped, cursor, state, finishedAt, ...end }
    return (await guarded(replays.updateOne({ _id: id, state: 'running' }, { $set }))).matchedCount === 1
  },

  count: (replay: Replay): Promise<number> => guarded(deliveries.countDocuments(selected(replay))),

  /** Returns the next rows to open, oldest first. */
  next: async (replay: Replay, limit: number): Promise<Delivery[]> => {
    const { cursor } = replay
    const after =
      cursor === null || 'sequence' in cursor
        ? {}
        : { $or: [{ createdAt: { $gt: cursor.createdAt } }, { createdAt: cursor.createdAt, _id: { $gt: cursor.id } }] }
    const query = { $and: [selected(replay), after, { replayId: { $ne: replay.id } }] }
    const found = deliveries.find(query).sort({ createdAt: 1, _id: 1 }).limit(limit)
    return (await guarded(found.toArray())).map(toDelivery)
  },

  /** Opens a final row for a new round at this time. Returns false when the row changed after it was read. */
  open: async (row: Delivery, replayId: string, body: string, dueAt: EpochMs, now: EpochMs): Promise<boolean> => {
    const $set = {
      status: 'held' as DeliveryStatus,
      reason: 'replay' as const,
      kind: 'replay' as const,
      open: true as const,
      nextAttemptAt: dueAt,
      updatedAt: now,
      expireAt: waitExpiry(now),
      earlierAttempts: row.attempts.at(-1)?.number ?? 0,
      statusBefore: row.status,
      ...(row.reason === undefined ? {} : { reasonBefore: row.reason }),
      replayId,
      body,
    }
    // The row may hold a reason from an earlier replay.
    const noReason = row.reason === undefined ? { reasonBefore: '' as const } : {}
    const $unset = { ordered: '', ownFaults: '', ...noReason } as const
    const update = { $set, $unset, $inc: { revision: 1 } } as const
    return (await guarded(deliveries.updateOne({ _id: row.id, revision: row.revision }, update))).matchedCount === 1
  },

  progress: async ({ id }: Replay): Promise<ReplayProgress> => {
    const groups = await guarded(
      deliveries
        .aggregate<{ _id: DeliveryStatus; count: number }>([
          { $match: { replayId: id } },
          { $group: { _id: '$status', count: { $sum: 1 } } },
        ])
        .toArray(),
    )
    const count = (status: DeliveryStatus) => groups.find(({ _id }) => _id === status)?.count ?? 0
    return {
      delivered: count('delivered'),
      waiting: count('pending') + count('held'),
      dead: count('dead'),
      cancelled: count('cancelled'),
    }
  },

  /** Cancels the replay. The rows that it opened and that are still open return to their previous state. */
  cancel: async (tenant: string, id: string, now: EpochMs): Promise<boolean> => {
    const expireAt = new Date(now + logRetentionMs)
    const end = { $set: { state: 'cancelled' as const, finishedAt: now, expireAt } }
    const { matchedCount } = await guarded(replays.updateOne({ _id: id, tenant, state: 'running' }, end))
    const restored = await restoreOpened(deliveries, { tenant, id }, now)
    // The replay was done, but some of the rows that it opened were not sent yet.
    if (matchedCount === 0 && restored > 0) await guarded(replays.updateOne({ _id: id, tenant, state: 'done' }, end))
    return matchedCount === 1 || restored > 0
  },

  /** Restores the rows of a batch that was being opened when the replay was cancelled. */
  afterCancel: async ({ tenant, id }: Replay, now: EpochMs): Promise<void> => {
    const cancelled = await guarded(replays.findOne({ _id: id, tenant, state: 'cancelled' }))
    if (cancelled !== null) await restoreOpened(deliveries, { tenant, id }, now)
  },
})

/** Returns rows that a replay opened, and that are still open, to their previous state. Returns their number. */
const restoreOpened = async (
  deliveries: Collection<DeliveryDocument>,
  { tenant, id }: Pick<Replay, 'tenant' | 'id'>,
  now: EpochMs,
): Promise<number> => {
  const restored = await guarded(
    deliveries.updateMany({ tenant, replayId: id, open: true }, [
      {
        $set: {
          status: { $ifNull: ['$statusBefore', 'cancelled'] },
          // A row that the replay created has no previous state.
          reason: { $ifNull: ['$reasonBefore', { $cond: ['$statusBefore', '$$REMOVE', 'cancelled'] }] },
          updatedAt: now,
          expireAt: expiry(now),
          revision: { $add: ['$revision', 1] },
        },
      },
      { $unset: ['open', 'nextAttemptAt', 'body', 'replayId', 'statusBefore', 'reasonBefore'] },
    ]),
  )
  return restored.modifiedCount
}
