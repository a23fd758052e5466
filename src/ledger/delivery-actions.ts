import type { Collection, UpdateFilter } from 'mongodb'
import { type Delivery, isFinal } from '../domain/delivery.ts'
import type { EpochMs } from '../domain/time.ts'
import { type DeliveryDocument, expiry, toDelivery, waitExpiry } from './delivery-document.ts'
import { guarded } from './faults.ts'

/** Changes of single rows by users. Each returns null when the row changed after it was read. */
export const createDeliveryActions = (collection: Collection<DeliveryDocument>) => {
  const change = async (
    { id, revision }: Delivery,
    set: UpdateFilter<DeliveryDocument>['$set'],
    unset: UpdateFilter<DeliveryDocument>['$unset'],
  ): Promise<Delivery | null> => {
    const update: UpdateFilter<DeliveryDocument> = { $set: { ...set }, $unset: { ...unset }, $inc: { revision: 1 } }
    const found = await guarded(collection.findOneAndUpdate({ _id: id, revision }, update, { returnDocument: 'after' }))
    return found === null ? null : toDelivery(found)
  }

  return {
    /** Starts a new round of the retry policy, due now: of a final row with this content, of a waiting row with its own. */
    resend: (row: Delivery, body: string, now: EpochMs): Promise<Delivery | null> => {
      const earlierAttempts = row.attempts.at(-1)?.number ?? 0
      const due = { nextAttemptAt: now, updatedAt: now, expireAt: waitExpiry(now) }
      if (!isFinal(row.status)) return change(row, { ...due, earlierAttempts }, { ownFaults: '' })
      // Marked as a replay: a receiver that has accepted the event would discard it as a duplicate.
      const kind = row.status === 'delivered' ? { kind: 'replay' as const } : {}
      return change(
        row,
        { ...due, ...kind, earlierAttempts, status: 'pending', reason: 'resent', open: true, body },
        { ordered: '', ownFaults: '', replayId: '', statusBefore: '', reasonBefore: '' },
      )
    },

    /** Cancels a waiting row; null for any other. If its visit keeps an order, the next row of the visit is due now. */
    cancel: async (row: Delivery, now: EpochMs): Promise<Delivery | null> => {
      if (isFinal(row.status)) return null
      const cancelled = await change(
        row,
        { status: 'cancelled', reason: 'cancelled', updatedAt: now, expireAt: expiry(now) },
        { open: '', nextAttemptAt: '', body: '' },
      )
      if (cancelled?.ordered === true && row.nextAttemptAt !== null) {
        const { subscriptionId, visitId } = row
        const next = { subscriptionId, visitId, open: true, ordered: true } as const
        await guarded(
          collection.findOneAndUpdate(
            next,
            { $set: { nextAttemptAt: now, updatedAt: now, expireAt: waitExpiry(now) }, $inc: { revision: 1 } },
            { sort: { streamSequence: 1 } },
          ),
        )
      }
      return cancelled
    },
  }
}
