import type { Collection, Filter } from 'mongodb'
import type { Delivery, DeliveryStatus } from '../domain/delivery.ts'
import type { Replay, ReplayProgress } from '../domain/replay.ts'
import type { EpochMs } from '../domain/time.ts'
import { type DeliveryDocument, expiry, logRetentionMs, toDelivery } from './delivery-document.ts'
import { guarded } from './faults.ts'

/** `expireAt` is there once it is over. */
export type ReplayDocument = Omit<Replay, 'id'> & { readonly _id: string; readonly expireAt?: Date }

const toReplay = ({ _id, expireAt: _, ...rest }: ReplayDocument): Replay => ({ id: _id, ...rest })

/** The rows that a replay selects. */
const selected = ({ tenant, subscriptionId, from, to, selection }: Replay): Filter<DeliveryDocument> => ({
  tenant,
  subscriptionId,
  createdAt: { $gte: from, $lt: to },
  kind: { $ne: 'test' },
  status: selection === 'all' || selection === 'missing' ? { $in: ['delivered', 'dead', 'cancelled'] } : selection,
})

/** Replays, and what they do to the ledger's rows. */
export const createReplays = (replays: Collection<ReplayDocument>, deliveries: Collection<DeliveryDocument>) => ({
  insert: async ({ id, ...replay }: Replay): Promise<void> => {
    await guarded(replays.insertOne({ _id: id, ...replay }))
  },

  get: async (tenant: string, id: string): Promise<Replay | null> => {
    const found = await guarded(replays.findOne({ _id: id, tenant }))
    return found === null ? null : toReplay(found)
  },

  /** The newest first: ids are ULIDs, which sort by time. */
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

  /** How far it is; false when it was cancelled meanwhile. */
  advance: async ({ id, opened, skipped, cursor, state, finishedAt }: Replay): Promise<boolean> => {
    const end = finishedAt === null ? {} : { expireAt: new Date(finishedAt + logRetentionMs) }
    const $set = { opened, skipped, cursor, state, finishedAt, ...end }
    return (await guarded(replays.updateOne({ _id: id, state: 'running' }, { $set }))).matchedCount === 1
  },

  count: (replay: Replay): Promise<number> => guarded(deliveries.countDocuments(selected(replay))),

  /** The next rows to be opened, the oldest first. */
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

  /** Opens a final row for a new round at this time. False when it changed meanwhile. */
  open: async (row: Delivery, replayId: string, body: string, dueAt: EpochMs, now: EpochMs): Promise<boolean> => {
    const $set = {
      status: 'held' as DeliveryStatus,
      reason: 'replay' as const,
      kind: 'replay' as const,
      open: true as const,
      nextAttemptAt: dueAt,
      updatedAt: now,
      earlierAttempts: row.attempts.at(-1)?.number ?? 0,
      statusBefore: row.status,
      ...(row.reason === undefined ? {} : { reasonBefore: row.reason }),
      replayId,
      body,
    }
    // Of an earlier replay, maybe.
    const noReason = row.reason === undefined ? { reasonBefore: '' as const } : {}
    const $unset = { expireAt: '', ordered: '', ownFaults: '', ...noReason } as const
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

  /** Ends it; what it opened and nobody has tried yet becomes what it was before. */
  cancel: async (tenant: string, id: string, now: EpochMs): Promise<boolean> => {
    const expireAt = new Date(now + logRetentionMs)
    const end = { $set: { state: 'cancelled' as const, finishedAt: now, expireAt } }
    const { matchedCount } = await guarded(replays.updateOne({ _id: id, tenant, state: 'running' }, end))
    const restored = await putBack(deliveries, id, now)
    // All were open already, and some of them not sent.
    if (matchedCount === 0 && restored > 0) await guarded(replays.updateOne({ _id: id, tenant, state: 'done' }, end))
    return matchedCount === 1 || restored > 0
  },

  /** Of a batch that was being opened when the replay was cancelled: what it opened after that is put back too. */
  afterCancel: async ({ id }: Replay, now: EpochMs): Promise<void> => {
    const cancelled = await guarded(replays.findOne({ _id: id, state: 'cancelled' }))
    if (cancelled !== null) await putBack(deliveries, id, now)
  },
})

/** What a replay opened and has not sent becomes what it was before; answers with how many. */
const putBack = async (deliveries: Collection<DeliveryDocument>, replayId: string, now: EpochMs): Promise<number> => {
  const restored = await guarded(
    deliveries.updateMany({ replayId, open: true }, [
      {
        $set: {
          status: { $ifNull: ['$statusBefore', 'cancelled'] },
          // A new row, of an event that had none, has nothing to go back to.
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
