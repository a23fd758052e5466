import { isOperational } from '../../src/domain/event.ts'
import { meaningOf } from '../../src/domain/meaning.ts'
import { classOf } from '../../src/domain/outcome.ts'
import { maxRetryAfterMs } from '../../src/domain/retry.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import { traceparentOfAttempt } from '../../src/domain/delivery-trace.ts'
import type { EpochMs, Moment } from '../../src/domain/time.ts'
import type { Step } from '../kit/behaviour.ts'
import * as circuit from './circuit.ts'
import { heedOutcome, type News } from './failing.ts'
import { heedAnswer, ramp } from './in-flight.ts'
import type { SubscriptionEffect, SubscriptionMessage } from './protocol.ts'
import { healthOf, type SubscriptionState } from './state.ts'
import { isTrouble } from './trouble.ts'

type SubscriptionStep = Step<SubscriptionState, SubscriptionEffect>
type Attempted = SubscriptionMessage & { type: 'attempted' }

/** A Retry-After holds one delivery for hours if it must, but a whole subscription no longer than an open circuit would. */
const maxSilenceMs = Math.min(10 * 60_000, maxRetryAfterMs)

/** What one attempt tells about the endpoint: circuit, in-flight limit, Retry-After, and how long it has been failing. */
export const observe = (state: SubscriptionState, message: Attempted, moment: Moment): SubscriptionStep => {
  const { outcome, attempt, work } = message
  const meaning = meaningOf(outcome)
  if (meaning.verdict === 'own_fault') return { state, effects: [] }
  const next = circuit.heedAttempt(state.circuit, meaning, work.probe === true, moment)
  const limit = heedAnswer(
    state.limit,
    { meaning, startedAt: attempt.at, tookMs: attempt.tookMs, underWay: state.inFlight },
    state.subscription.maxInFlight,
  )
  const heard: SubscriptionState = {
    ...state,
    circuit: next,
    limit: state.circuit.phase === 'half-open' && next.phase === 'closed' ? ramp(limit) : limit,
    notBefore: outcome.type === 'answered' ? silenceUntil(state, outcome, moment.now) : state.notBefore,
    troubledAt: isTrouble(meaning, attempt.tookMs) ? moment.now : state.troubledAt,
  }
  const { failing, news, store } = heedOutcome(heard.failing, classOf(outcome), moment.now)
  const cause = traceparentOfAttempt(work.delivery, attempt)
  const step = tell({ ...heard, failing }, news, meaning.words, cause, moment.now)
  const changed = next.phase !== state.circuit.phase
  if (!changed && !store) return step
  return { ...step, effects: [remember(state, step.state, cause, moment.now), ...step.effects] }
}

const silenceUntil = (
  { notBefore }: SubscriptionState,
  { status, retryAfterMs }: { readonly status: number; readonly retryAfterMs?: number },
  now: EpochMs,
): EpochMs =>
  retryAfterMs !== undefined && (status === 429 || status === 503)
    ? Math.max(notBefore, now + Math.min(retryAfterMs, maxSilenceMs))
    : notBefore

/** Time alone opens a circuit for its probe. */
export const tick = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const next = circuit.tick(state.circuit, now)
  if (next === state.circuit) return { state, effects: [] }
  const ticked = { ...state, circuit: next }
  return { state: ticked, effects: [remember(state, ticked, null, now)] }
}

/** The endpoint is another one now, or somebody mended it: what was known of it is forgotten. */
export const beginAnew = (state: SubscriptionState, now: EpochMs): SubscriptionStep => {
  const anew: SubscriptionState = {
    ...state,
    circuit: circuit.closedCircuit(now),
    limit: state.circuit.phase === 'closed' ? state.limit : ramp(state.limit),
    notBefore: 0,
    failing: { since: null, notices: 0, gone: 0, stored: false },
    troubledAt: null,
  }
  return { state: anew, effects: [remember(state, anew, null, now)] }
}

/** What the ledger is to know of this endpoint; a change of phase is told with its reason. */
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

/** Notices before disabling, the disabling itself, and the recovery. */
const tell = (
  state: SubscriptionState,
  news: News | null,
  words: string,
  traceparent: string,
  now: EpochMs,
): SubscriptionStep => {
  if (news === null || state.subscription.status === 'disabled') return { state, effects: [] }
  const { subscription, failing } = state
  const since = new Date(failing.since ?? now).toISOString()
  const base = {
    subscriptionId: subscription.id,
    ...(news === 'recovered' ? {} : { failingSince: since, reason: words }),
  }
  const announcement = (type: 'failing' | 'disabled' | 'recovered'): SubscriptionEffect => ({
    type: 'announce',
    announcement: {
      type: `webhook.subscription.${type}`,
      tenant: subscription.tenant,
      subscriptionId: subscription.id,
      key: `${type} ${subscription.id} ${news === 'recovered' ? now : since} ${failing.notices}`,
      at: now,
      data: base,
    },
  })
  if (news === 'failing' || news === 'recovered') return { state, effects: [announcement(news)] }
  const reason =
    news === 'disable_gone'
      ? 'The endpoint answered twice that it is gone (410).'
      : `No delivery has succeeded since ${since}. ${words}`
  const disabled = { ...subscription, status: 'disabled', statusReason: reason, statusSince: now } as const
  return {
    state: { ...state, subscription: disabled },
    effects: [{ type: 'disable', reason, at: now, traceparent }, announcement('disabled')],
  }
}

/** A delivery that will not be tried again; nothing is told about the telling itself. */
export const announceExhausted = (row: Delivery, now: EpochMs): readonly SubscriptionEffect[] =>
  row.status !== 'dead' || row.reason !== 'exhausted' || isOperational(row.type)
    ? []
    : [
        {
          type: 'announce',
          announcement: {
            type: 'webhook.delivery.exhausted',
            tenant: row.tenant,
            subscriptionId: row.subscriptionId,
            key: `exhausted ${row.id} ${row.revision}`,
            at: now,
            data: {
              subscriptionId: row.subscriptionId,
              deliveryId: row.id,
              eventId: row.eventId,
              visitId: row.visitId,
              eventType: row.type,
              attempts: row.attempts.length,
            },
          },
        },
      ]
