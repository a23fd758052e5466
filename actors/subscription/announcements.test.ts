import test from 'ava'
import { aDelivery, anAnswer, aSubscription, nothingStored } from '../../test/support/supervised-values.ts'
import { attempted, drive, effectsOf, offered } from '../../test/support/supervisor-driver.ts'
import { meanings } from '../../src/domain/meaning.ts'
import { announceExhausted, applyConsequence } from './announcements.ts'
import type { Consequence, Failing } from './failing.ts'
import { initialState } from './state.ts'

const state = (failing: Partial<Failing> = {}, change = {}) => {
  const begun = initialState({ subscription: aSubscription(change), nextDueAt: null, stored: nothingStored })
  return { ...begun, failing: { since: 60_000, notices: 2, gone: 0, stored: true, ...failing } }
}
const since = '1970-01-01T00:01:00.000Z'
const apply = (consequence: Consequence | null, from = state()) =>
  applyConsequence(from, consequence, 'Check it.', 'trace', 90_000)
const common = { tenant: 'acme', subscriptionId: 'sub_1', at: 90_000 }

test('a tenant is notified of a failing endpoint: since when, and what to check', t => {
  const from = state()
  const step = apply('failing', from)
  t.is(step.state, from)
  t.deepEqual(step.effects, [
    {
      type: 'announce',
      announcement: {
        ...common,
        type: 'webhook.subscription.failing',
        key: `failing sub_1 ${since} 2`,
        data: { subscriptionId: 'sub_1', failingSince: since, reason: 'Check it.' },
      },
    },
  ])
  t.like(apply('failing', state({ since: null })).effects[0], {
    announcement: { data: { failingSince: '1970-01-01T00:01:30.000Z' } },
  })
})

test('its recovery is announced once', t => {
  const from = state({ since: null, notices: 0 })
  const step = apply('recovered', from)
  t.is(step.state, from)
  t.deepEqual(step.effects, [
    {
      type: 'announce',
      announcement: {
        ...common,
        type: 'webhook.subscription.recovered',
        key: 'recovered sub_1 90000 0',
        data: { subscriptionId: 'sub_1' },
      },
    },
  ])
})

for (const [consequence, reason] of [
  ['disable_gone', 'The endpoint answered twice that it is gone (410).'],
  ['disable_failing', `No delivery has succeeded since ${since}. Check it.`],
] as const)
  test(`a subscription is disabled with its reason: ${reason}`, t => {
    const step = apply(consequence)
    t.deepEqual(step.state.subscription, {
      ...aSubscription(),
      status: 'disabled',
      statusReason: reason,
      statusSince: 90_000,
    })
    t.deepEqual(step.effects, [
      { type: 'disable', reason, at: 90_000, traceparent: 'trace' },
      {
        type: 'announce',
        announcement: {
          ...common,
          type: 'webhook.subscription.disabled',
          key: `disabled sub_1 ${since} 2`,
          data: { subscriptionId: 'sub_1', failingSince: since, reason: 'Check it.' },
        },
      },
    ])
  })

test('nothing is announced without a consequence, or of a subscription that is disabled already', t => {
  for (const [consequence, from] of [
    [null, state()],
    ['disable_failing', state({}, { status: 'disabled' })],
    ['recovered', state({}, { status: 'disabled' })],
  ] as const) {
    const step = apply(consequence, from)
    t.is(step.state, from)
    t.deepEqual(step.effects, [])
  }
})

test('an endpoint that has failed for five days is disabled by its next failure, and nothing more is posted', t => {
  const days = 5 * 24 * 60 * 60_000
  const actor = drive({}, { state: { failing: { since: 1_000, notices: 3, gone: 0, stored: true } } })
  const [post] = actor.ask(offered(1), 'post')
  actor.at(1_000 + days)
  const effects = actor.tell(attempted(post, anAnswer(500)))
  t.deepEqual(
    effects.map(({ type }) => type),
    ['remember', 'disable', 'announce', 'record'],
  )
  t.like(effectsOf(effects, 'disable')[0], {
    reason: `No delivery has succeeded since 1970-01-01T00:00:01.000Z. ${meanings.server_error.words}`,
    traceparent: '00---01',
  })
  t.deepEqual(actor.ask(offered(2), 'post'), [])
})

const dead = aDelivery(1, {
  status: 'dead',
  reason: 'exhausted',
  revision: 3,
  attempts: [{ number: 1, at: 0, tookMs: 1, url: '', traceId: '', spanId: '' }],
})

test('a delivery that will not be tried again is announced, so that nothing is given up in silence', t => {
  t.deepEqual(announceExhausted(dead, 90_000), [
    {
      type: 'announce',
      announcement: {
        ...common,
        type: 'webhook.delivery.exhausted',
        key: 'exhausted 1.sub_1 3',
        data: {
          subscriptionId: 'sub_1',
          deliveryId: '1.sub_1',
          eventId: '1',
          visitId: 'visit-1',
          eventType: 'visit.checked_in',
          attempts: 1,
        },
      },
    },
  ])
  t.is(announceExhausted({ ...dead, reason: 'redirected' }, 90_000).length, 1)
  const actor = drive({ retry: { delaysMs: [] } })
  const [post] = actor.ask(offered(1), 'post')
  t.like(actor.ask(attempted(post, anAnswer(500)), 'announce')[0], {
    announcement: { type: 'webhook.delivery.exhausted', at: 1_000, data: { attempts: 1 } },
  })
})

test('an announcement that is not delivered, and a row that ended otherwise, cause no announcement', t => {
  for (const change of [
    { type: 'webhook.delivery.exhausted' },
    { reason: 'expired' },
    { status: 'pending' },
    { status: 'cancelled' },
  ] as const)
    t.deepEqual(announceExhausted({ ...dead, ...change }, 90_000), [])
})
