import { traceparentOfAttempt } from '../../src/domain/delivery-trace.ts'
import { meaningOf } from '../../src/domain/meaning.ts'
import { classOf, requestedWaitMs } from '../../src/domain/outcome.ts'
import { maxRetryAfterMs } from '../../src/domain/retry.ts'
import type { EpochMs, Moment } from '../../src/domain/time.ts'
import { applyConsequence } from './announcements.ts'
import * as circuit from './circuit.ts'
import type { Circuit } from './circuit.ts'
import { afterOutcome, healthy } from './failing.ts'
import { gateOf } from './gate.ts'
import { afterAnswer, ramp } from './in-flight.ts'
import { afterAttempt } from './own-faults.ts'
import { healthOf, type SubscriptionState } from './state.ts'
import type { Message, SubscriptionStep } from './step.ts'
import { isTrouble } from './trouble.ts'

/** A Retry-After may postpone one delivery for hours, but it pauses the whole subscription no longer than an open circuit would. */
export const maxPauseMs = Math.min(10 * 60_000, maxRetryAfterMs)

/** Applies one attempt to what is known about the endpoint: circuit, in-flight limit, Retry-After, and how long it has been failing. */
export const observe = (state: SubscriptionState, message: Message<'attempted'>, moment: Moment): SubscriptionStep => {
  const { outcome, attempt, work } = message
  const meaning = meaningOf(outcome)
  const ownFaults = afterAttempt(state.ownFaults, meaning, moment.now)
  if (meaning.verdict === 'own_fault') return { state: { ...state, ownFaults }, effects: [] }
  const nextCircuit = circuit.afterAttempt(state.circuit, meaning, work.probe === true, moment)
  const limit = afterAnswer(
    state.limit,
    { meaning, startedAt: attempt.at, tookMs: attempt.tookMs, underWay: state.inFlight },
    state.subscription.maxInFlight,
  )
  const { failing, consequence, store } = afterOutcome(state.failing, classOf(outcome), moment.now)
  const next: SubscriptionState = {
    ...withCircuit({ ...state, ownFaults, limit }, nextCircuit),
    notBefore: pauseUntil(state, requestedWaitMs(outcome), moment.now),
    troubledAt: isTrouble(meaning, attempt.tookMs) ? moment.now : state.troubledAt,
    failing,
  }
  const cause = traceparentOfAttempt(work.delivery, attempt)
  const step = applyConsequence(next, consequence, meaning.words, cause, moment.now)
  if (nextCircuit.phase === state.circuit.phase && !store) return step
  const stored = remember(state, step.state, cause, moment.now)
  return { state: stored.state, effects: [...stored.effects, ...step.effects] }
}

/** A test event has succeeded: the endpoint is well, although no delivery shows it. */
export const tested = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const nextCircuit = circuit.afterTest(state.circuit, now)
  const { failing, consequence, store } = afterOutcome(state.failing, 'delivered', now)
  const step = applyConsequence({ ...withCircuit(state, nextCircuit), failing }, consequence, '', '', now)
  if (nextCircuit.phase === state.circuit.phase && !store) return step
  const stored = remember(state, step.state, null, now)
  return { state: stored.state, effects: [...stored.effects, ...step.effects] }
}

/** After an outage the endpoint gets one attempt at a time. */
const withCircuit = (state: SubscriptionState, next: Circuit): SubscriptionState => {
  const hasClosed = state.circuit.phase === 'half-open' && next.phase === 'closed'
  return { ...state, circuit: next, limit: hasClosed ? ramp(state.limit) : state.limit }
}

const pauseUntil = ({ notBefore }: SubscriptionState, waitMs: number | undefined, now: EpochMs): EpochMs =>
  waitMs === undefined ? notBefore : Math.max(notBefore, now + Math.min(waitMs, maxPauseMs))

/** Opens the circuit for a probe when its wait is over, and closes it when no probe has failed for long enough. */
export const tick = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const next = circuit.tick(state.circuit, now)
  if (next === state.circuit || (next.phase === 'closed' && isProbing(state, now))) return { state, effects: [] }
  return remember(state, withCircuit(state, next), null, now)
}

/** True while a probe is under way or about to be: its answer decides, not the time. */
const isProbing = (state: SubscriptionState, now: EpochMs): boolean =>
  state.inFlight > 0 ||
  (gateOf(state, now).open &&
    (state.pulling ||
      state.fresh.length > 0 ||
      state.backlog.length > 0 ||
      (state.nextDueAt !== null && state.nextDueAt <= now)))

/** Forgets what was known about the endpoint, because it is a different one or a user has fixed it. */
export const resetHealth = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const reset: SubscriptionState = {
    ...state,
    circuit: circuit.closedCircuit(now),
    limit: state.circuit.phase === 'closed' ? state.limit : ramp(state.limit),
    notBefore: 0,
    troubledAt: null,
    failing: healthy,
  }
  return remember(state, reset, null, now)
}

/** Stores the endpoint's health, and reports a change of the circuit's phase with its reason. */
export const remember = (
  before: SubscriptionState,
  after: SubscriptionState,
  traceparent: string | null,
  now: EpochMs,
): SubscriptionStep => {
  const [from, to] = [before.circuit.phase, after.circuit.phase]
  const reason = after.circuit.phase === 'closed' ? closingReason(before.circuit, after) : after.circuit.reason
  const transition = from === to ? null : { from, to, reason }
  return {
    // Whatever causes the write, its end must be written too.
    state: { ...after, failing: { ...after.failing, stored: after.failing.since !== null } },
    effects: [{ type: 'remember', health: healthOf(after, now), transition, traceparent }],
  }
}

const closingReason = (before: Circuit, { failing }: SubscriptionState): string =>
  failing.since === null || (before.phase === 'half-open' && before.successes > 0)
    ? 'The endpoint answers again.'
    : 'There was nothing to send for a while. The next event shows whether the endpoint answers.'
