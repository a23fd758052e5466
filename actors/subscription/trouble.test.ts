import test from 'ava'
import { meaningOf } from '../../src/domain/meaning.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { superviseSubscription } from './behaviour.ts'
import { aDelivery, anAnswer, aSubscription, noAnswer, nothingStored } from '../../test/support/supervised-values.ts'
import type { StoredState, SubscriptionEffect, SubscriptionMessage } from './protocol.ts'
import { initialState } from './state.ts'
import { isHealthyFor, isTrouble } from './trouble.ts'

const minute = 60_000

for (const { outcome, tookMs, trouble } of [
  { outcome: anAnswer(204), tookMs: 999, trouble: false },
  { outcome: anAnswer(204), tookMs: 1_000, trouble: true },
  { outcome: anAnswer(429), tookMs: 5, trouble: true },
  { outcome: anAnswer(503), tookMs: 5, trouble: true },
  { outcome: noAnswer('connect'), tookMs: 5, trouble: true },
])
  test(`${outcome.type === 'answered' ? outcome.status : outcome.error} after ${tookMs} ms is ${trouble ? '' : 'no '}trouble`, t => {
    t.is(isTrouble(meaningOf(outcome), tookMs), trouble)
  })

test('a receiver is healthy for an event once a minute without trouble lies before it', t => {
  t.true(isHealthyFor(0, null))
  t.false(isHealthyFor(minute, 0))
  t.true(isHealthyFor(minute + 1, 0))
  t.false(isHealthyFor(0, minute), 'trouble between the event and its attempt counts')
})

/** One supervisor. `post` offers it an event that was accepted at this moment, and returns the effect. */
const supervisor = (stored: StoredState = nothingStored) => {
  let state = initialState({ subscription: aSubscription({ maxInFlight: 10 }), nextDueAt: null, stored })
  let events = 0
  const handle = (message: SubscriptionMessage, now: number): readonly SubscriptionEffect[] => {
    const step = superviseSubscription(state, message, { now, chance: 0.5 })
    state = step.state
    return step.effects
  }
  const post = (now: number) => {
    const delivery = aDelivery((events += 1), { createdAt: now })
    const effect = handle({ type: 'offered', delivery }, now).find(({ type }) => type === 'post')
    if (effect?.type !== 'post') throw new Error('there was no post')
    return effect
  }
  const answer = ({ work, number }: ReturnType<typeof post>, outcome: Outcome, now: number) => {
    const attempt = { number, at: now - 5, tookMs: 5, url: '', traceId: '', spanId: '' }
    handle({ type: 'attempted', work, outcome, attempt }, now)
  }
  return { post, answer, handle }
}

test('a post says that the receiver was healthy until an attempt fails, and again a minute later', t => {
  const { post, answer } = supervisor()
  const first = post(minute)
  t.true(first.receiverHealthy)
  answer(first, anAnswer(500), minute)
  t.false(post(minute + 1).receiverHealthy)
  t.false(post(2 * minute).receiverHealthy)
  t.true(post(2 * minute + 1).receiverHealthy)
})

test('a failure on our side says nothing about the receiver', t => {
  const { post, answer } = supervisor()
  answer(post(minute), noAnswer('own_fault'), minute)
  t.true(post(minute + 1_000).receiverHealthy)
})

test('a new url is a receiver without known trouble', t => {
  const { post, answer, handle } = supervisor()
  answer(post(minute), anAnswer(500), minute)
  handle({ type: 'configured', subscription: aSubscription({ url: 'https://other.example/' }) }, minute + 1)
  t.true(post(minute + 2).receiverHealthy)
})

test('a supervisor that begins from a failing endpoint’s stored state knows of the trouble', t => {
  const closed = { phase: 'closed', since: 0, until: null, times: 0, reason: null } as const
  const health = { subscriptionId: 'sub_1', circuit: closed, notices: 0, gone: 0, updatedAt: 5 * minute }
  const failing = supervisor({ health: { ...health, failingSince: minute }, visits: null })
  t.false(failing.post(6 * minute).receiverHealthy)
  t.true(failing.post(6 * minute + 1).receiverHealthy)
  const well = supervisor({ health: { ...health, failingSince: null }, visits: null })
  t.true(well.post(6 * minute).receiverHealthy)
})
