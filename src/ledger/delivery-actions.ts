import type { Collection, UpdateFilter } from 'mongodb'
import { type Delivery, isFinal } from '../domain/delivery.ts'
import type { EpochMs } from '../domain/time.ts'
import { type DeliveryDocument, expiry, toDelivery } from './delivery-document.ts'
import { guarded } from './faults.ts'

/** What users do to single rows. Each answers null when the row changed since it was read. */
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
    /** A final row begins a new round of its policy; one that waits for its retry is due now. Its content must be given. */
    resend: (row: Delivery, body: string, now: EpochMs): Promise<Delivery | null> => {
      const due = { nextAttemptAt: now, updatedAt: now }
      if (!isFinal(row.status)) return change(row, due, {})
      const earlierAttempts = row.attempts.at(-1)?.number ?? 0
      // A receiver that has had it would take it for a duplicate: it is marked.
      const kind = row.status === 'delivered' ? { kind: 'replay' as const } : {}
      return change(
        row,
        { ...due, ...kind, status: 'pending', reason: 'resent', open: true, body, earlierAttempts },
        { expireAt: '', ordered: '', ownFaults: '', replayId: '', statusBefore: '', reasonBefore: '' },
      )
    },

    /** Ends a row that waits; the next of its visit, if it keeps an order, is due now. */
    cancel: async (row: Delivery, now: EpochMs): Promise<Delivery | null> => {
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
            { $set: { nextAttemptAt: now, updatedAt: now }, $inc: { revision: 1 } },
            { sort: { streamSequence: 1 } },
          ),
        )
      }
      return cancelled
    },
  }
}
