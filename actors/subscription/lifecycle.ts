import type { Subscription } from '../../src/domain/subscription.ts'
import type { Moment } from '../../src/domain/time.ts'
import { remember, resetHealth } from './observe.ts'
import { noOrder } from './order.ts'
import { cancel } from './settle.ts'
import { isQuiet, type SubscriptionState } from './state.ts'
import { earliest, just, type SubscriptionStep } from './step.ts'

/** A new url is another endpoint, and a resumed subscription gets a new chance: both start with clean health. A new order starts with the open rows. */
export const configured = (state: SubscriptionState, subscription: Subscription, { now }: Moment): SubscriptionStep => {
  const before = state.subscription
  const next = { ...state, subscription, nextDueAt: earliest(state.nextDueAt, now) }
  const ordered: SubscriptionState =
    before.ordering === subscription.ordering
      ? next
      : { ...next, order: { ...noOrder, complete: false, caughtUp: state.order.caughtUp } }
  const resumed = before.status !== 'active' && subscription.status === 'active'
  return resumed || before.url !== subscription.url ? resetHealth(ordered, now) : just(ordered)
}

/** Cancels the new events in memory. The rows in the ledger are cancelled by the process that handles the deletion. */
export const removed = (state: SubscriptionState, { now }: Moment): SubscriptionStep => ({
  state: {
    ...state,
    phase: 'removed',
    fresh: [],
    backlog: [],
    inHand: new Set(),
    nextDueAt: null,
    recording: state.recording + state.fresh.length,
  },
  effects: state.fresh.map(({ delivery }) => ({
    type: 'record',
    row: cancel(delivery, 'subscription_deleted', now),
    stored: false,
  })),
})

export const drained = (state: SubscriptionState): SubscriptionStep => ({
  state: { ...state, phase: 'draining', fresh: [], backlog: [], nextDueAt: null },
  effects: state.fresh.map(({ delivery }) => ({ type: 'handBack', deliveryId: delivery.id })),
})

/** A supervisor stays in memory for rows that are due within this time; for later ones the watchdog starts it again. */
const worthWaitingMs = 60_000

export const idled = (state: SubscriptionState, { now }: Moment): SubscriptionStep => {
  const isDueSoon =
    state.nextDueAt !== null && state.nextDueAt < now + worthWaitingMs && state.subscription.status === 'active'
  // A circuit changes with time alone: the one who would know must stay until it is closed.
  if (!isQuiet(state) || isDueSoon || state.circuit.phase !== 'closed') return just(state)
  const done: SubscriptionState = { ...state, phase: 'done' }
  return state.failing.since !== null && !state.failing.stored ? remember(state, done, null, now) : just(done)
}
