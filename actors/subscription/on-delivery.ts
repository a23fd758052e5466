import { type Delivery, isFinal } from '../../src/domain/delivery.ts'
import { meaningOf } from '../../src/domain/meaning.ts'
import type { Moment } from '../../src/domain/time.ts'
import { announceExhausted } from './announcements.ts'
import { gateOf } from './gate.ts'
import { holdNew, release, waitReason } from './hold.ts'
import { observe } from './observe.ts'
import * as order from './order.ts'
import { freshLimit } from './queues.ts'
import { cancel, settle } from './settle.ts'
import type { SubscriptionState } from './state.ts'
import { earliest, just, type Message, record, type SubscriptionStep } from './step.ts'

/** The partition offers a new event. */
export const offered = (state: SubscriptionState, delivery: Delivery, { now }: Moment): SubscriptionStep => {
  if (state.phase === 'removed') return record(state, cancel(delivery, 'subscription_deleted', now), false)
  if (state.phase !== 'running') return { state, effects: [{ type: 'handBack', deliveryId: delivery.id }] }
  if (delivery.ordered === true && order.mustWait(state.order, delivery.visitId))
    return holdNew({ ...state, order: order.wait(state.order, delivery.visitId) }, [delivery], 'waiting_turn', now)
  const ahead = delivery.ordered === true ? { ...state, order: order.goAhead(state.order, delivery.visitId) } : state
  // Behind a shut gate the event is held as well, but `proceed` does that, with the gate's reason.
  const { open } = gateOf(state, now)
  if ((open && state.congested) || state.fresh.length >= freshLimit)
    return holdNew(ahead, [delivery], waitReason(state), now)
  return just({ ...ahead, fresh: [...state.fresh, { delivery, stored: false, since: now }] })
}

/** A POST has ended. */
export const attempted = (
  state: SubscriptionState,
  message: Message<'attempted'>,
  moment: Moment,
): SubscriptionStep => {
  const { work, outcome } = message
  const free = { ...state, inFlight: state.inFlight - 1 }
  // A process that ends does not write an unknown outcome: a new event returns to the stream, and a stored row is still due.
  if (state.phase === 'draining' && meaningOf(outcome).verdict === 'own_fault')
    return work.stored
      ? just(release(free, work.delivery.id))
      : { state: free, effects: [{ type: 'handBack', deliveryId: work.delivery.id }] }
  const { state: observed, effects } = observe(free, message, moment)
  const settled = settle(work.delivery, observed.subscription, message, moment)
  const isGone = state.phase === 'removed' && !isFinal(settled.status)
  const row = isGone ? cancel(settled, 'subscription_deleted', moment.now) : settled
  const written = record(observed, row, work.stored)
  return { state: written.state, effects: [...effects, ...written.effects, ...announceExhausted(row, moment.now)] }
}

/** The ledger has stored a row. */
export const recorded = (
  state: SubscriptionState,
  { row, stored, leftOrder }: Message<'recorded'>,
): SubscriptionState => ({
  // A pull may have found a new row before this message; then the row stays in hand.
  ...(stored ? release(state, row.id) : state),
  ...(row.status === 'held' && !stored ? { holding: state.holding - 1 } : { recording: state.recording - 1 }),
  outdated: stored && state.pulling ? new Set([...state.outdated, row.id]) : state.outdated,
  nextDueAt: row.nextAttemptAt === null ? state.nextDueAt : earliest(state.nextDueAt, row.nextAttemptAt),
  order: leftOrder || row.ordered === true ? orderAfter(state.order, row, leftOrder) : state.order,
})

const orderAfter = (before: order.Order, row: Delivery, leftOrder: boolean): order.Order => {
  const { status, reason, visitId } = row
  if (leftOrder || isFinal(status)) return order.finish(before, visitId)
  return reason === 'waiting_turn' ? order.waitStored(before, visitId) : order.moveActive(before, visitId, 'stored')
}
