import {
  type Attempt,
  type ClosingReason,
  type Delivery,
  type DeliveryReason,
  type HoldReason,
  withAttempt,
} from '../../src/domain/delivery.ts'
import { meaningOf } from '../../src/domain/meaning.ts'
import { type Outcome, requestedWaitMs } from '../../src/domain/outcome.ts'
import { nextAttemptAt } from '../../src/domain/retry.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs, Moment } from '../../src/domain/time.ts'

/** An attempt that failed because of a problem on Doorbell's side does not count; it is repeated after 5 s, doubling to 5 min. */
export const ownFaultDelayMs = (times: number): number => Math.min(5_000 * 2 ** (times - 1), 5 * 60_000)

/** Returns the row as it is to be written after one attempt. */
export const settle = (
  delivery: Delivery,
  subscription: Subscription,
  { attempt, outcome }: { readonly attempt: Attempt; readonly outcome: Outcome },
  { now, chance }: Moment,
): Delivery => {
  const { verdict } = meaningOf(outcome)
  const { ownFaults = 0, ...row } = delivery
  if (verdict === 'own_fault') {
    const again = open(row, { status: 'pending', reason: 'own_fault', now }, now + ownFaultDelayMs(ownFaults + 1))
    return { ...again, ownFaults: ownFaults + 1 }
  }
  const tried = withAttempt(row, attempt)
  if (verdict === 'delivered') return close(tried, { status: 'delivered', now })
  const earlier = delivery.earlierAttempts ?? 0
  if (redirectedAgain(tried, attempt, earlier)) return close(tried, { status: 'dead', reason: 'redirected', now })
  const dueAt = nextAttemptAt(subscription.retry, {
    failedAttempt: attempt.number - earlier,
    firstAttemptAt: tried.attempts.find(({ number }) => number > earlier)?.at ?? attempt.at,
    now,
    chance,
    retryAfterMs: requestedWaitMs(outcome),
  })
  return dueAt === null
    ? close(tried, { status: 'dead', reason: 'exhausted', now })
    : open(tried, { status: 'pending', now }, Math.min(dueAt, expiresAt(tried, subscription) + 1))
}

/** Whether an attempt of this round got the same redirect: the endpoint would do its work once more, and answer the same. */
const redirectedAgain = ({ attempts }: Delivery, { number, status = 0, location }: Attempt, earlier: number): boolean =>
  (status === 302 || status === 303) &&
  attempts.some(
    each => each.number > earlier && each.number < number && each.status === status && each.location === location,
  )

/** Returns a held row that is due at once, so that the supervisor fetches it as soon as its reason is gone. */
export const hold = (delivery: Delivery, reason: HoldReason, now: EpochMs): Delivery =>
  open(delivery, { status: 'held', reason, now }, reason === 'waiting_turn' ? null : now)

/** Returns a final row without delivery. A dead row can be sent again. */
export const cancel = (delivery: Delivery, reason: ClosingReason, now: EpochMs): Delivery =>
  close(delivery, { status: reason === 'expired' ? 'dead' : 'cancelled', reason, now })

/** Returns when the delivery expires. One that a user sent again never expires. */
const expiresAt = ({ createdAt, kind, earlierAttempts }: Delivery, { expiresAfterMs }: Subscription): EpochMs =>
  expiresAfterMs === undefined || kind !== undefined || earlierAttempts !== undefined
    ? Infinity
    : createdAt + expiresAfterMs

export const isExpired = (delivery: Delivery, subscription: Subscription, now: EpochMs): boolean =>
  now > expiresAt(delivery, subscription)

interface Change {
  readonly status: Delivery['status']
  readonly reason?: DeliveryReason
  readonly now: EpochMs
}

const open = (delivery: Delivery, { now, ...change }: Change, dueAt: EpochMs | null): Delivery => {
  const { reason: _, ...rest } = delivery
  return { ...rest, ...change, nextAttemptAt: dueAt, revision: delivery.revision + 1, updatedAt: now }
}

/** A dead row keeps its body, so that it can be sent again; other final rows do not need it. */
const close = (delivery: Delivery, { now, ...change }: Change): Delivery => {
  const { reason: _, body, ...rest } = delivery
  const kept = change.status === 'dead' && body !== undefined ? { body } : {}
  return { ...rest, ...kept, ...change, nextAttemptAt: null, revision: delivery.revision + 1, updatedAt: now }
}
