import test from 'ava'
import { aDelivery, aSubscription } from '../../test/support/supervised-values.ts'
import type { Attempt, DeliveryReason } from './delivery.ts'
import { explainDelivery, explainMismatch } from './explain.ts'
import type { VisitEvent } from './event.ts'
import { matches, type Subscription } from './subscription.ts'

const attempt = { number: 3, detail: 'The endpoint failed.' } as Attempt

test('a delivery names its next attempt only while that lies ahead', t => {
  const row = aDelivery(1, { nextAttemptAt: 60_000 })
  t.is(explainDelivery(row, 59_999), 'The delivery is under way. The next attempt is at 1970-01-01T00:01:00.000Z.')
  t.is(explainDelivery(row, 60_000), 'The delivery is under way.')
  t.is(explainDelivery(aDelivery(1, { nextAttemptAt: null }), 0), 'The delivery is under way.')
})

test('a delivery that waits or failed names its reason and its last attempt', t => {
  const failed = { attempts: [attempt], reason: 'own_fault', nextAttemptAt: 1 } as const
  t.is(
    explainDelivery(aDelivery(1, { ...failed, status: 'pending' }), 0),
    'Waiting: Doorbell has a problem on its side. No attempt is used up. Last attempt: The endpoint failed. The next attempt is at 1970-01-01T00:00:00.001Z.',
  )
  t.is(
    explainDelivery(aDelivery(1, { status: 'dead', reason: 'exhausted', attempts: [attempt], nextAttemptAt: null }), 0),
    'Every attempt of the retry policy failed. Fix the endpoint, then send it again. Last attempt: The endpoint failed.',
  )
  t.is(explainDelivery(aDelivery(1, { status: 'cancelled' }), 0), '')
  t.is(explainDelivery(aDelivery(1, { status: 'held', reason: 'cancelled' }), 0), 'A user cancelled it.')
})

test('a delivered event names the attempt that was accepted', t => {
  const row = aDelivery(1, { status: 'delivered', attempts: [attempt], reason: 'replay' })
  t.is(explainDelivery(row, 0), 'The endpoint accepted it at attempt 3.')
  t.is(explainDelivery({ ...row, attempts: [] }, 0), 'The endpoint accepted it at attempt 1.')
})

const reasons: Readonly<Record<DeliveryReason, RegExp>> = {
  over_capacity: /^Waiting: .*open requests/,
  rate_limited: /^Waiting: .*rate limit/,
  retry_after: /^Waiting: .*retry later/,
  circuit_open: /^Waiting: .*failing/,
  paused: /^Waiting: .*paused\. Resume/,
  disabled: /^Waiting: .*disabled\. Fix .*resume/,
  waiting_turn: /^Waiting for an earlier event of the same visit/,
  own_fault: /problem on its side/,
  resent: /^A user requested to send it again/,
  replay: /^A replay sends it again/,
  exhausted: /^Every attempt .* failed\. .*send it again/,
  redirected: /twice with the same redirect.*relay.*then send/,
  expired: /time that the subscription allows/,
  subscription_deleted: /^The subscription was deleted/,
  cancelled: /^A user cancelled it/,
  skipped: /^The subscription was resumed without/,
  content_expired: /retention/,
  erased: /^Its visitor was erased/,
}

test('each reason is explained in its own words', t => {
  for (const [reason, words] of Object.entries(reasons))
    t.regex(explainDelivery(aDelivery(1, { status: 'held', reason: reason as DeliveryReason }), 0), words)
})

const event: VisitEvent = {
  id: 'evt_1',
  type: 'visit.checked_in',
  timestamp: '2026-03-02T08:56:12Z',
  tenant: 'acme',
  visitId: 'visit-1',
  data: { site: 'ghent', host: { id: 'host-7' } },
}
const aboutItself = { ...event, type: 'webhook.subscription.failing', data: { subscriptionId: 'sub_1' } }

for (const [name, change, asked, explained] of [
  ['everything matches', {}, event, null],
  ['one type matches', { eventTypes: ['badge.*', 'visit.checked_in'] }, event, null],
  ['the filter matches', { filter: { site: ['ghent', 'gent'], host: ['host-7'] } }, event, null],
  [
    'no type matches',
    { eventTypes: ['visit.created', 'badge.*'] },
    event,
    'The subscription lists visit.created, badge.*; the event’s type is visit.checked_in.',
  ],
  [
    'the filter excludes it',
    { filter: { host: ['host-7'], site: ['brussels', 'namur'] } },
    event,
    'The subscription’s filter requires site to be one of: brussels, namur. The event has another value.',
  ],
  [
    'the event is about the subscription',
    { eventTypes: ['webhook.*'] },
    aboutItself,
    'The event is about this subscription, and a subscription does not receive events about itself.',
  ],
  ['the event is about another subscription', { id: 'sub_2', eventTypes: ['webhook.*'] }, aboutItself, null],
] as const satisfies readonly (readonly [string, Partial<Subscription>, VisitEvent, string | null])[])
  test(`an event is explained exactly where it does not match: ${name}`, t => {
    const subscription = aSubscription(change)
    t.is(explainMismatch(subscription, asked), explained)
    t.is(matches(subscription, asked), explained === null)
  })
