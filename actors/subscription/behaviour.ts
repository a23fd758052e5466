import type { Delivery } from '../../src/domain/delivery.ts'
import { isFinal } from '../../src/domain/delivery.ts'
import { meaningOf } from '../../src/domain/meaning.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs, Moment } from '../../src/domain/time.ts'
import type { Behaviour } from '../kit/behaviour.ts'
import { gateOf } from './gate.ts'
import { freshLimit } from './lanes.ts'
import { announceExhausted, beginAnew, observe, remember } from './observe.ts'
import * as order from './order.ts'
import { holdNew, letGoBacklog, proceed, reasonOf, type SubscriptionStep } from './proceed.ts'
import type { SubscriptionEffect, SubscriptionMessage, Work } from './protocol.ts'
import { cancel, settle } from './settle.ts'
import { isQuiet, type SubscriptionState } from './state.ts'

type Message<Type extends SubscriptionMessage['type']> = Extract<SubscriptionMessage, { type: Type }>

/** Decides what becomes of each delivery of one subscription: post it, hold it, try again later, or give up. */
export const superviseSubscription: Behaviour<SubscriptionState, SubscriptionMessage, SubscriptionEffect> = (
  state,
  message,
  moment,
) => {
  const { state: heard, effects } = hear(state, message, moment)
  return proceed(heard, effects, moment)
}

/** What the message itself changes. */
const hear = (state: SubscriptionState, message: SubscriptionMessage, moment: Moment): SubscriptionStep => {
  switch (message.type) {
    case 'offered':
      return offered(state, message.delivery, moment)
    case 'attempted':
      return attempted(state, message, moment)
    case 'recorded':
      return just(recorded(state, message))
    case 'pulled':
      return just(pulled(state, message, moment))
    case 'turnCame':
      return just(turnCame(state, message, moment))
    case 'turnsRead':
      return just({ ...state, order: order.orderFrom(message.turns, state.order.caughtUp) })
    case 'caughtUp':
      return just({ ...state, order: { ...state.order, caughtUp: true } })
    case 'woke':
      return just({ ...state, wakeAt: null })
    case 'backlogChanged':
      // What was pulled and not yet posted may be another by now, or gone: it is fetched anew.
      return just({
        ...letGoBacklog(state, moment.now),
        nextDueAt: earliest(state.nextDueAt, moment.now),
        distrusted: state.pulling,
      })
    case 'configured':
      return configured(state, message.subscription, moment)
    case 'removed':
      return removed(state, moment)
    case 'drain':
      return drained(state)
    case 'idled':
      return idled(state, moment)
  }
}

const just = (state: SubscriptionState): SubscriptionStep => ({ state, effects: [] })

const record = (state: SubscriptionState, row: Delivery, stored: boolean): SubscriptionStep => ({
  state: { ...state, recording: state.recording + 1 },
  effects: [{ type: 'record', row, stored }],
})

const offered = (state: SubscriptionState, delivery: Delivery, { now }: Moment): SubscriptionStep => {
  if (state.phase === 'removed') return record(state, cancel(delivery, 'subscription_deleted', now), false)
  if (state.phase !== 'running') return { state, effects: [{ type: 'handBack', deliveryId: delivery.id }] }
  if (delivery.ordered === true && order.mustWait(state.order, delivery.visitId))
    return holdNew({ ...state, order: order.wait(state.order, delivery.visitId) }, [delivery], 'waiting_turn', now)
  const ahead = delivery.ordered === true ? { ...state, order: order.goAhead(state.order, delivery.visitId) } : state
  // Behind a shut gate it is held too, with the gate's reason.
  const open = gateOf(state, now).open
  if ((open && state.congested) || state.fresh.length >= freshLimit)
    return holdNew(ahead, [delivery], reasonOf(state), now)
  return just({ ...ahead, fresh: [...state.fresh, { delivery, stored: false, since: now }] })
}

const attempted = (state: SubscriptionState, message: Message<'attempted'>, moment: Moment): SubscriptionStep => {
  const { work, outcome } = message
  const free = { ...state, inFlight: state.inFlight - 1 }
  // An ending process must not write what it did not find out: a new event goes back to the stream, a stored row is still due.
  if (state.phase === 'draining' && meaningOf(outcome).verdict === 'own_fault')
    return work.stored
      ? just(letGo(free, work.delivery.id))
      : { state: free, effects: [{ type: 'handBack', deliveryId: work.delivery.id }] }
  const { state: observed, effects } = observe(free, message, moment)
  const settled = settle(work.delivery, observed.subscription, message, moment)
  const gone = state.phase === 'removed' && !isFinal(settled.status)
  const row = gone ? cancel(settled, 'subscription_deleted', moment.now) : settled
  const written = record(observed, row, work.stored)
  return { state: written.state, effects: [...effects, ...written.effects, ...announceExhausted(row, moment.now)] }
}

const recorded = (state: SubscriptionState, { row, stored }: Message<'recorded'>): SubscriptionState => ({
  // A new row may have been pulled before this was heard: then it is in hand again, and stays there.
  ...(stored ? letGo(state, row.id) : state),
  ...(row.status === 'held' && !stored ? { holding: state.holding - 1 } : { recording: state.recording - 1 }),
  outdated: stored && state.pulling ? new Set([...state.outdated, row.id]) : state.outdated,
  nextDueAt: row.nextAttemptAt === null ? state.nextDueAt : earliest(state.nextDueAt, row.nextAttemptAt),
  order: row.ordered === true ? orderAfter(state.order, row) : state.order,
})

const orderAfter = (before: order.Order, { status, reason, visitId }: Delivery): order.Order => {
  if (isFinal(status)) return order.finish(before, visitId)
  return reason === 'waiting_turn' ? order.waits(before, visitId) : before
}

const pulled = (state: SubscriptionState, message: Message<'pulled'>, { now }: Moment): SubscriptionState => {
  const arrived = { ...state, pulling: false, distrusted: false, outdated: new Set<string>() }
  if (state.phase !== 'running') return arrived
  if (state.distrusted) return { ...arrived, nextDueAt: now }
  const rows = message.rows.filter(row => !state.inHand.has(row.id) && !state.outdated.has(row.id))
  const laterAt = message.rows.length >= message.asked ? now : message.nextDueAt
  return {
    ...take(arrived, rows, now),
    nextDueAt: laterAt === null ? state.nextDueAt : earliest(state.nextDueAt, laterAt),
  }
}

const take = (state: SubscriptionState, rows: readonly Delivery[], now: EpochMs): SubscriptionState =>
  rows.length === 0
    ? state
    : {
        ...state,
        backlog: [...state.backlog, ...rows.map((delivery): Work => ({ delivery, stored: true, since: now }))],
        inHand: new Set([...state.inHand, ...rows.map(({ id }) => id)]),
      }

const turnCame = (
  state: SubscriptionState,
  { visitId, row, active }: Message<'turnCame'>,
  { now }: Moment,
): SubscriptionState => {
  if (state.phase !== 'running') return state
  const heard = { ...state, order: order.answer(state.order, visitId, row !== null || active) }
  return row === null || state.inHand.has(row.id) ? heard : take(heard, [row], now)
}

/** A new url is another endpoint; one that somebody resumed gets a new chance; order begins with the rows that are open now. */
const configured = (state: SubscriptionState, subscription: Subscription, { now }: Moment): SubscriptionStep => {
  const before = state.subscription
  const heard = { ...state, subscription, nextDueAt: earliest(state.nextDueAt, now) }
  const ordered: SubscriptionState =
    before.ordering === subscription.ordering
      ? heard
      : { ...heard, order: { ...order.noOrder, complete: false, caughtUp: state.order.caughtUp } }
  const resumed = before.status !== 'active' && subscription.status === 'active'
  return resumed || before.url !== subscription.url ? beginAnew(ordered, now) : just(ordered)
}

/** The ledger's rows of a deleted subscription are cancelled all together by whoever removes it; these hands cancel the rest. */
const removed = (state: SubscriptionState, { now }: Moment): SubscriptionStep => ({
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

const drained = (state: SubscriptionState): SubscriptionStep => ({
  state: { ...state, phase: 'draining', fresh: [], backlog: [], nextDueAt: null },
  effects: state.fresh.map(({ delivery }) => ({ type: 'handBack', deliveryId: delivery.id })),
})

/** The watchdog wakes a supervisor for what is due within this; for anything later none stays in memory. */
const worthWaitingMs = 60_000

const idled = (state: SubscriptionState, { now }: Moment): SubscriptionStep => {
  const soon =
    state.nextDueAt !== null && state.nextDueAt < now + worthWaitingMs && state.subscription.status === 'active'
  if (!isQuiet(state) || soon) return just(state)
  const unknown = state.failing.since !== null && !state.failing.stored
  return { state: { ...state, phase: 'done' }, effects: unknown ? [remember(state, state, null, now)] : [] }
}

const letGo = (state: SubscriptionState, id: string): SubscriptionState => {
  if (!state.inHand.has(id)) return state
  const inHand = new Set(state.inHand)
  inHand.delete(id)
  return { ...state, inHand }
}

const earliest = (a: EpochMs | null, b: EpochMs): EpochMs => (a === null ? b : Math.min(a, b))
