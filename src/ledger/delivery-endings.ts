import type { Collection, Filter } from 'mongodb'
import type { DeliveryReason } from '../domain/delivery.ts'
import type { EpochMs } from '../domain/time.ts'
import { type DeliveryDocument, expiry } from './delivery-document.ts'
import { guarded } from './faults.ts'

const endedAtOnce = 1_000

/** Ends many rows of a subscription at once. Each returns how many. */
export const createDeliveryEndings = (collection: Collection<DeliveryDocument>) => {
  /** In batches, so that no command takes longer than others can wait, and what was ended stays ended when the process stops. */
  const end = async (query: Filter<DeliveryDocument>, closing: ReturnType<typeof closingOf>): Promise<number> => {
    const wanted = { ...query, open: true } as const
    for (let ended = 0; ;) {
      const found = collection.find(wanted, { projection: { _id: 1 } }).limit(endedAtOnce)
      const ids = (await guarded(found.toArray())).map(({ _id }) => _id)
      if (ids.length === 0) return ended
      ended += (await guarded(collection.updateMany({ ...wanted, _id: { $in: ids } }, closing))).modifiedCount
    }
  }
  /** Each partition of the process hears of a deletion, and asks for the same. */
  const cancelling = new Map<string, Promise<number>>()

  return {
    /** Cancels every waiting row of a deleted subscription. */
    cancelAll: (subscriptionId: string, reason: DeliveryReason, now: EpochMs): Promise<number> => {
      const underWay = cancelling.get(subscriptionId)
      if (underWay !== undefined) return underWay
      const work = end({ subscriptionId }, closingOf('cancelled', reason, now)).finally(
        () => void cancelling.delete(subscriptionId),
      )
      cancelling.set(subscriptionId, work)
      return work
    },

    /**
     * Cancels the rows that a subscription has missed while it was paused or disabled since this moment, when its user does not want them. Rows that wait for
     * something else, such as the circuit, or that an earlier pause has left, stay.
     */
    skipHeld: (subscriptionId: string, heldSince: EpochMs, now: EpochMs) =>
      end(
        { subscriptionId, status: 'held', reason: { $in: [...byPause] }, updatedAt: { $gte: heldSince } },
        closingOf('cancelled', 'skipped', now),
      ),

    /** Ends rows that are older than the subscription's `expiresAfterMs`, except those that a user sent again. */
    expire: (subscriptionId: string, createdBefore: EpochMs, now: EpochMs) =>
      end(
        {
          subscriptionId,
          createdAt: { $lt: createdBefore },
          kind: { $exists: false },
          earlierAttempts: { $exists: false },
        },
        closingOf('dead', 'expired', now),
      ),

    /** Removes a row whose event was erased during its attempt. */
    remove: async (id: string): Promise<void> => {
      await guarded(collection.deleteOne({ _id: id }))
    },
  }
}

/** An event that arrives during a pause, and is not the first of its visit to wait, waits for its turn. */
const byPause: readonly DeliveryReason[] = ['paused', 'disabled', 'waiting_turn']

/** A dead row keeps its body, so that it can be sent again. */
const closingOf = (status: 'cancelled' | 'dead', reason: DeliveryReason, now: EpochMs) => ({
  $set: { status, reason, updatedAt: now, expireAt: expiry(now) },
  $unset: { open: '' as const, nextAttemptAt: '' as const, ...(status === 'dead' ? {} : { body: '' as const }) },
  $inc: { revision: 1 },
})
