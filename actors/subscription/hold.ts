import type { Delivery, HoldReason } from '../../src/domain/delivery.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import { moveActive, putBack } from './order.ts'
import { hasToken } from './rate.ts'
import { hold } from './settle.ts'
import type { SubscriptionState } from './state.ts'
import type { SubscriptionStep } from './step.ts'

/** Writes new events to the ledger as held rows. */
export const holdNew = (
  state: SubscriptionState,
  deliveries: readonly Delivery[],
  reason: HoldReason,
  now: EpochMs,
): SubscriptionStep => ({
  state: { ...state, holding: state.holding + deliveries.length },
  effects: deliveries.map(delivery => ({ type: 'record', row: hold(delivery, reason, now), stored: false })),
})

/** Returns what a new event waits for while the gate is open. */
export const waitReason = ({ bucket }: SubscriptionState): HoldReason =>
  hasToken(bucket) ? 'over_capacity' : 'rate_limited'

/** Forgets a row that came from the ledger; a later pull may bring it again. */
export const release = (state: SubscriptionState, id: string): SubscriptionState => {
  const inHand = new Set(state.inHand)
  inHand.delete(id)
  return { ...state, inHand }
}

/** Forgets the rows that were pulled and not posted; the next pull brings them in their current form. */
export const releaseBacklog = (state: SubscriptionState, now: EpochMs): SubscriptionState => {
  if (state.backlog.length === 0) return state
  const inHand = new Set(state.inHand)
  let { order } = state
  for (const { delivery } of state.backlog) {
    const { id, visitId, ordered, nextAttemptAt } = delivery
    inHand.delete(id)
    // A row without a due time is not found by a pull, only as the next of its visit.
    if (ordered === true)
      order = nextAttemptAt === null ? putBack(order, visitId) : moveActive(order, visitId, 'stored')
  }
  return { ...state, backlog: [], inHand, order, nextDueAt: now }
}
