import type { Attempt, Delivery } from '../../src/domain/delivery.ts'
import { type Outcome, verdictOf } from '../../src/domain/outcome.ts'
import { nextAttemptAt } from '../../src/domain/retry.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { Moment } from '../../src/domain/time.ts'

/** An attempt that failed for a reason of ours is made again after this, and counts for nothing (invariant 7). */
const ownFaultDelayMs = 5_000

/** The row as it is to be written after one attempt. */
export const settle = (
  delivery: Delivery,
  subscription: Subscription,
  { attempt, outcome }: { readonly attempt: Attempt; readonly outcome: Outcome },
  { now, chance }: Moment,
): Delivery => {
  const verdict = verdictOf(outcome)
  if (verdict === 'own_fault') return open(delivery, { status: 'pending', nextAttemptAt: now + ownFaultDelayMs, now })
  const tried = { ...delivery, attempts: [...delivery.attempts, attempt] }
  if (verdict === 'delivered') return close(tried, { status: 'delivered', now })
  if (verdict === 'give_up') return close(tried, { status: 'dead', reason: 'not_retryable', now })
  const dueAt = nextAttemptAt(subscription.retry, {
    failedAttempt: attempt.number,
    firstAttemptAt: tried.attempts[0]?.at ?? attempt.at,
    now,
    chance,
    retryAfterMs: outcome.type === 'answered' ? outcome.retryAfterMs : undefined,
  })
  return dueAt === null
    ? close(tried, { status: 'dead', reason: 'exhausted', now })
    : open(tried, { status: 'pending', nextAttemptAt: dueAt, now })
}

/** A row that waits for room: due at once, taken up by the supervisor when it has a slot. */
export const holdForRoom = (delivery: Delivery, now: number): Delivery =>
  open(delivery, { status: 'held', reason: 'over_capacity', nextAttemptAt: now, now })

/** A row nobody will deliver any more, since its subscription is gone. */
export const cancelForRemoval = (delivery: Delivery, now: number): Delivery =>
  close(delivery, { status: 'cancelled', reason: 'subscription_deleted', now })

type Opening = Pick<Delivery, 'status' | 'reason' | 'nextAttemptAt'> & { readonly now: number }
const open = (delivery: Delivery, { now, ...change }: Opening): Delivery => {
  const { reason: _, ...rest } = delivery
  return { ...rest, ...change, updatedAt: now }
}

type Closing = Pick<Delivery, 'status' | 'reason'> & { readonly now: number }
/** A dead row keeps its body, so that it can be sent again; the other final ones need it no more. */
const close = (delivery: Delivery, { now, ...change }: Closing): Delivery => {
  const { reason: _, body, ...rest } = delivery
  const kept = change.status === 'dead' && body !== undefined ? { body } : {}
  return { ...rest, ...kept, ...change, nextAttemptAt: null, updatedAt: now }
}
