import { nextNumber } from '../../src/domain/delivery.ts'
import type { EpochMs, Moment } from '../../src/domain/time.ts'
import { changesAt } from './circuit.ts'
import { gateOf } from './gate.ts'
import { holdNew, releaseBacklog, waitReason } from './hold.ts'
import { tick } from './observe.ts'
import { takeIdle } from './order.ts'
import type { SubscriptionEffect } from './protocol.ts'
import { patienceMs, pullLimit, room, splitImpatient, takeNext } from './queues.ts'
import { hasToken, nextTokenAt, refill } from './rate.ts'
import { cancel, isExpired } from './settle.ts'
import { isQuiet, type SubscriptionState } from './state.ts'
import { just, type SubscriptionStep } from './step.ts'
import { isHealthyFor } from './trouble.ts'

/** Does what the state allows after a message: each step examines the state and adds its effects. */
export const proceed = (
  state: SubscriptionState,
  effects: readonly SubscriptionEffect[],
  { now }: Moment,
): SubscriptionStep => {
  let step: SubscriptionStep = { state, effects }
  for (const next of [tick, fillSlots, holdBehindGate, holdImpatient, readNextOfVisits, pull, setTimer, endIfQuiet]) {
    const added = next(step.state, now)
    step = {
      state: added.state,
      effects: added.effects.length === 0 ? step.effects : [...step.effects, ...added.effects],
    }
  }
  return step
}

/** Posts while a slot and a token are free and a delivery waits. A delivery that has expired is ended instead. */
const fillSlots = (before: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const effects: SubscriptionEffect[] = []
  const bucket = refill(before.bucket, before.subscription.ratePerSecond, now)
  let state = bucket === before.bucket ? before : { ...before, bucket }
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

/** Behind a gate that stays shut nothing waits in memory: new events become held rows, and pulled rows are released. */
const holdBehindGate = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const gate = gateOf(state, now)
  if (gate.open || (gate.until !== null && gate.until - now <= patienceMs)) return just(state)
  if (state.fresh.length === 0 && state.backlog.length === 0) return just(state)
  const emptied = releaseBacklog({ ...state, fresh: [] }, now)
  return holdNew(
    emptied,
    state.fresh.map(({ delivery }) => delivery),
    gate.reason,
    now,
  )
}

/** New events wait only a moment for a slot or a token; then they go to the ledger. */
const holdImpatient = (before: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const { impatient, state } = splitImpatient(before, now)
  const isCalm = state.congested && state.fresh.length === 0 && state.inFlight < room(state) && hasToken(state.bucket)
  const next = isCalm ? { ...state, congested: false } : state
  const deliveries = impatient.map(({ delivery }) => delivery)
  return deliveries.length === 0 ? just(next) : holdNew(next, deliveries, waitReason(state), now)
}

const mayFetch = (state: SubscriptionState, now: EpochMs): boolean =>
  state.phase === 'running' && gateOf(state, now).open

/** Reads the next row of each visit whose previous delivery is final, while there is room. */
const readNextOfVisits = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  if (!mayFetch(state, now)) return just(state)
  if (!state.order.complete && state.order.visits.size === 0 && !state.order.loading)
    return { state: { ...state, order: { ...state.order, loading: true } }, effects: [{ type: 'readVisits' }] }
  const { visitIds, order } = takeIdle(state.order, room(state) * 2 - state.backlog.length)
  return { state: { ...state, order }, effects: visitIds.map(visitId => ({ type: 'readNextOfVisit', visitId })) }
}

/** Fetches due rows. The rows in hand are bounded, so that they do not pile up before a slow ledger. */
const pull = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const isDue = state.nextDueAt !== null && state.nextDueAt <= now
  const hasRoom = state.inFlight < room(state) && state.inHand.size < room(state) * 4
  if (state.pulling || state.backlog.length > 0 || !isDue || !hasRoom || !mayFetch(state, now)) return just(state)
  return {
    // The pull covers everything that is due until now; `nextDueAt` then records what becomes due later.
    state: { ...state, pulling: true, nextDueAt: null },
    effects: [{ type: 'pull', limit: pullLimit(state) + state.inHand.size }],
  }
}

const setTimer = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const at = nextMoment(state, now)
  return at === null || at === state.wakeAt
    ? just(state)
    : { state: { ...state, wakeAt: at }, effects: [{ type: 'wakeAt', at }] }
}

/** Returns when to act without a message. A row that is due already waits for room, which a message will bring. */
const nextMoment = (state: SubscriptionState, now: EpochMs): EpochMs | null => {
  const moments: (EpochMs | null)[] = []
  const gate = gateOf(state, now)
  const oldest = state.fresh[0]
  const changes = changesAt(state.circuit)
  // A half-open circuit that should have closed waits for its probe.
  if (state.phase === 'running' && changes !== null && changes > now) moments.push(changes)
  if (oldest !== undefined) moments.push(oldest.since + patienceMs)
  if (state.nextDueAt !== null && state.nextDueAt > now) moments.push(state.nextDueAt)
  const hasWork = state.fresh.length > 0 || state.backlog.length > 0
  const isWaiting = hasWork || state.nextDueAt !== null || state.order.idle.length > 0
  if (!gate.open && isWaiting && state.phase === 'running') moments.push(gate.until)
  if (gate.open && hasWork && !hasToken(state.bucket))
    moments.push(nextTokenAt(state.bucket, state.subscription.ratePerSecond))
  const known = moments.filter(moment => moment !== null)
  return known.length === 0 ? null : Math.min(...known)
}

const endIfQuiet = (state: SubscriptionState): SubscriptionStep =>
  (state.phase === 'draining' || state.phase === 'removed') && isQuiet(state)
    ? just({ ...state, phase: 'done' })
    : just(state)
