import { type Delivery, type HoldReason, nextNumber } from '../../src/domain/delivery.ts'
import type { EpochMs, Moment } from '../../src/domain/time.ts'
import type { Step } from '../kit/behaviour.ts'
import { gateOf } from './gate.ts'
import { patienceMs, pullLimit, room, splitImpatient, takeNext } from './lanes.ts'
import { tick } from './observe.ts'
import { putBack, takeIdle } from './order.ts'
import type { SubscriptionEffect } from './protocol.ts'
import { hasToken, nextTokenAt, refill } from './rate.ts'
import { cancel, hold, isExpired } from './settle.ts'
import { isQuiet, type SubscriptionState } from './state.ts'
import { isHealthyFor } from './trouble.ts'

export type SubscriptionStep = Step<SubscriptionState, SubscriptionEffect>

/** What is to be done now, whatever was heard: each step below looks at the state and adds its orders. */
export const proceed = (
  heard: SubscriptionState,
  orders: readonly SubscriptionEffect[],
  { now }: Moment,
): SubscriptionStep => {
  let step: SubscriptionStep = { state: heard, effects: orders }
  for (const next of [openForProbe, fillSlots, shutOut, loseNoTime, askTurns, pull, setClock, end]) {
    const { state, effects } = next(step.state, now)
    step = { state, effects: effects.length === 0 ? step.effects : [...step.effects, ...effects] }
  }
  return step
}

const nothing = (state: SubscriptionState): SubscriptionStep => ({ state, effects: [] })

const openForProbe = (state: SubscriptionState, now: EpochMs): SubscriptionStep => tick(state, now)

/** Posts as long as a slot and a token are free and a delivery waits; what its subscription does not want any more is ended instead. */
const fillSlots = (heard: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const effects: SubscriptionEffect[] = []
  const bucket = refill(heard.bucket, heard.subscription.ratePerSecond, now)
  let state = bucket === heard.bucket ? heard : { ...heard, bucket }
  for (let next = takeNext(state, now); next !== null; next = takeNext(state, now)) {
    const { work } = next
    if (isExpired(work.delivery, state.subscription, now)) {
      const { inFlight, bucket: unspent } = state
      state = { ...next.state, inFlight, bucket: unspent, recording: state.recording + 1 }
      effects.push({ type: 'record', row: cancel(work.delivery, 'expired', now), stored: work.stored })
    } else {
      state = next.state
      effects.push({
        type: 'post',
        work,
        subscription: state.subscription,
        number: nextNumber(work.delivery),
        receiverHealthy: isHealthyFor(work.delivery.createdAt, state.troubledAt),
      })
    }
  }
  return { state, effects }
}

/** Behind a gate that stays shut nothing waits in memory: new events become held rows, rows that were pulled are let go. */
const shutOut = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const gate = gateOf(state, now)
  if (gate.open || (gate.until !== null && gate.until - now <= patienceMs)) return nothing(state)
  if (state.fresh.length === 0 && state.backlog.length === 0) return nothing(state)
  const shut = letGoBacklog({ ...state, fresh: [] }, now)
  return holdNew(
    shut,
    state.fresh.map(({ delivery }) => delivery),
    gate.reason,
    now,
  )
}

/** Rows that were pulled are left to the ledger; the next pull brings them as they are then. */
export const letGoBacklog = (state: SubscriptionState, now: EpochMs): SubscriptionState => {
  if (state.backlog.length === 0) return state
  const inHand = new Set(state.inHand)
  let { order } = state
  for (const { delivery } of state.backlog) {
    inHand.delete(delivery.id)
    // It has no due time in the ledger: only its turn brings it back.
    if (delivery.nextAttemptAt === null) order = putBack(order, delivery.visitId)
  }
  return { ...state, backlog: [], inHand, order, nextDueAt: Math.min(state.nextDueAt ?? now, now) }
}

/** Nobody waits longer than a moment: while slots are busy or tokens spent, new events go to the ledger. */
const loseNoTime = (waiting: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const { impatient, state } = splitImpatient(waiting, now)
  const calm = state.congested && state.fresh.length === 0 && state.inFlight < room(state) && hasToken(state.bucket)
  const patient = calm ? { ...state, congested: false } : state
  const deliveries = impatient.map(({ delivery }) => delivery)
  return deliveries.length === 0 ? nothing(patient) : holdNew(patient, deliveries, reasonOf(state), now)
}

/** What a new event waits for while the gate is open. */
export const reasonOf = ({ bucket }: SubscriptionState): HoldReason =>
  hasToken(bucket) ? 'over_capacity' : 'rate_limited'

/** New events that become held rows. */
export const holdNew = (
  state: SubscriptionState,
  deliveries: readonly Delivery[],
  reason: HoldReason,
  now: EpochMs,
): SubscriptionStep => ({
  state: { ...state, holding: state.holding + deliveries.length },
  effects: deliveries.map(delivery => ({ type: 'record', row: hold(delivery, reason, now), stored: false })),
})

const isOpen = (state: SubscriptionState, now: EpochMs): boolean => state.phase === 'running' && gateOf(state, now).open

/** Visits whose earlier delivery is final: their next one comes into these hands while there is room. */
const askTurns = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  if (!isOpen(state, now)) return nothing(state)
  if (!state.order.complete && state.order.visits.size === 0 && !state.order.loading)
    return { state: { ...state, order: { ...state.order, loading: true } }, effects: [{ type: 'readTurns' }] }
  const { visitIds, order } = takeIdle(state.order, room(state) * 2 - state.backlog.length)
  if (visitIds.length === 0) return nothing(state)
  return { state: { ...state, order }, effects: visitIds.map(visitId => ({ type: 'askTurn', visitId })) }
}

/** Rows in hand are bounded: a slow ledger must not let them pile up. */
const pull = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const due = state.nextDueAt !== null && state.nextDueAt <= now
  const hasRoom = state.inFlight < room(state) && state.inHand.size < room(state) * 4
  if (state.pulling || state.backlog.length > 0 || !due || !hasRoom || !isOpen(state, now)) return nothing(state)
  return {
    // What becomes due from here on is noted anew; the pull answers for all before.
    state: { ...state, pulling: true, outdated: new Set(), nextDueAt: null },
    effects: [{ type: 'pull', limit: pullLimit(state) + state.inHand.size }],
  }
}

const setClock = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const at = nextMoment(state, now)
  return at === null || at === state.wakeAt
    ? nothing(state)
    : { state: { ...state, wakeAt: at }, effects: [{ type: 'wakeAt', at }] }
}

/** When something is to be done although nothing is heard. What is due already waits for room, not for a clock. */
const nextMoment = (state: SubscriptionState, now: EpochMs): EpochMs | null => {
  const moments: (EpochMs | null)[] = []
  const gate = gateOf(state, now)
  const oldest = state.fresh[0]
  if (oldest !== undefined) moments.push(oldest.since + patienceMs)
  if (state.nextDueAt !== null && state.nextDueAt > now) moments.push(state.nextDueAt)
  const inHand = state.fresh.length > 0 || state.backlog.length > 0
  const waiting = inHand || state.nextDueAt !== null || state.order.idle.length > 0
  if (!gate.open && waiting && state.phase === 'running') moments.push(gate.until)
  if (gate.open && inHand && !hasToken(state.bucket))
    moments.push(nextTokenAt(state.bucket, state.subscription.ratePerSecond))
  const known = moments.filter(moment => moment !== null)
  return known.length === 0 ? null : Math.min(...known)
}

const end = (state: SubscriptionState): SubscriptionStep =>
  (state.phase === 'draining' || state.phase === 'removed') && isQuiet(state)
    ? nothing({ ...state, phase: 'done' })
    : nothing(state)
