import { traceparentOfAttempt } from '../../src/domain/delivery-trace.ts'
import { meaningOf } from '../../src/domain/meaning.ts'
import { classOf } from '../../src/domain/outcome.ts'
import { maxRetryAfterMs } from '../../src/domain/retry.ts'
import type { EpochMs, Moment } from '../../src/domain/time.ts'
import { applyConsequence } from './announcements.ts'
import * as circuit from './circuit.ts'
import { afterOutcome, healthy } from './failing.ts'
import { afterAnswer, ramp } from './in-flight.ts'
import type { SubscriptionEffect } from './protocol.ts'
import { healthOf, type SubscriptionState } from './state.ts'
import type { Message, SubscriptionStep } from './step.ts'
import { isTrouble } from './trouble.ts'

/** A Retry-After may postpone one delivery for hours, but it pauses the whole subscription no longer than an open circuit would. */
export const maxPauseMs = Math.min(10 * 60_000, maxRetryAfterMs)

/** Applies one attempt to what is known about the endpoint: circuit, in-flight limit, Retry-After, and how long it has been failing. */
export const observe = (state: SubscriptionState, message: Message<'attempted'>, moment: Moment): SubscriptionStep => {
  const { outcome, attempt, work } = message
  const meaning = meaningOf(outcome)
  if (meaning.verdict === 'own_fault') return { state, effects: [] }
  const nextCircuit = circuit.afterAttempt(state.circuit, meaning, work.probe === true, moment)
  const limit = afterAnswer(
    state.limit,
    { meaning, startedAt: attempt.at, tookMs: attempt.tookMs, underWay: state.inFlight },
    state.subscription.maxInFlight,
  )
  const hasClosed = state.circuit.phase === 'half-open' && nextCircuit.phase === 'closed'
  const { failing, consequence, store } = afterOutcome(state.failing, classOf(outcome), moment.now)
  const next: SubscriptionState = {
    ...state,
    circuit: nextCircuit,
    limit: hasClosed ? ramp(limit) : limit,
    notBefore: outcome.type === 'answered' ? pauseUntil(state, outcome, moment.now) : state.notBefore,
    troubledAt: isTrouble(meaning, attempt.tookMs) ? moment.now : state.troubledAt,
    failing,
  }
  const cause = traceparentOfAttempt(work.delivery, attempt)
  const step = applyConsequence(next, consequence, meaning.words, cause, moment.now)
  if (nextCircuit.phase === state.circuit.phase && !store) return step
  return { ...step, effects: [remember(state, step.state, cause, moment.now), ...step.effects] }
}

const pauseUntil = (
  { notBefore }: SubscriptionState,
  { status, retryAfterMs }: { readonly status: number; readonly retryAfterMs?: number },
  now: EpochMs,
): EpochMs =>
  retryAfterMs !== undefined && (status === 429 || status === 503)
    ? Math.max(notBefore, now + Math.min(retryAfterMs, maxPauseMs))
    : notBefore

/** Opens the circuit for a probe when its wait is over. */
export const tick = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const next = circuit.tick(state.circuit, now)
  if (next === state.circuit) return { state, effects: [] }
  const ticked = { ...state, circuit: next }
  return { state: ticked, effects: [remember(state, ticked, null, now)] }
}

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
  return { state: reset, effects: [remember(state, reset, null, now)] }
}

/** Stores the endpoint's health, and reports a change of the circuit's phase with its reason. */
export const remember = (
  before: SubscriptionState,
  after: SubscriptionState,
  traceparent: string | null,
  now: EpochMs,
): SubscriptionEffect => {
  const [from, to] = [before.circuit.phase, after.circuit.phase]
  const reason = after.circuit.phase === 'closed' ? 'The endpoint answers again.' : after.circuit.reason
  return {
    type: 'remember',
    health: healthOf(after, now),
    transition: from === to ? null : { from, to, reason },
    traceparent,
  }
}
