import test from 'ava'
import { aSubscription } from '../../test/support/supervised-values.ts'
import type { VisitEvent } from './event.ts'
import { comparable, isYounger, matches, matchesType, receives, secretsAt, type Subscription } from './subscription.ts'

const event: VisitEvent = {
  id: 'evt_1',
  type: 'visit.checked_in',
  timestamp: '2026-03-02T08:56:12Z',
  tenant: 'acme',
  visitId: 'visit-1',
  data: { site: 'ghent', host: { id: 'host-7', name: 'Tom' } },
}
const subscription = aSubscription({ eventTypes: ['visit.checked_in'] })

for (const [change, expected] of [
  [{}, true],
  [{ eventTypes: ['visit.*'] }, true],
  [{ eventTypes: ['*'] }, true],
  [{ eventTypes: ['badge.*', 'visit.checked_in'] }, true],
  [{ eventTypes: ['visit.created', 'badge.*'] }, false],
  [{ eventTypes: ['vis.*'] }, false],
  // Held until the subscription is enabled again.
  [{ status: 'disabled' as const }, true],
  [{ filter: { site: ['ghent', 'brussels'] } }, true],
  [{ filter: { site: ['brussels'] } }, false],
  [{ filter: { host: ['host-7'] } }, true],
  [{ filter: { host: ['host-8'] } }, false],
  [{ filter: { site: ['ghent'], badge: ['b'] } }, false],
] as const satisfies readonly [Partial<Subscription>, boolean][]) {
  test(`a check-in ${expected ? 'matches' : 'does not match'} ${JSON.stringify(change)}`, t => {
    t.is(matches({ ...subscription, ...change }, event), expected)
  })
}

const operational = { ...event, type: 'webhook.subscription.failing', data: { subscriptionId: 'sub_2' } }

test('an operational event matches only subscriptions that list it, and never the subscription that it is about', t => {
  const listening = { ...subscription, eventTypes: ['webhook.*'] }
  t.true(matches(listening, operational))
  t.false(matches({ ...subscription, eventTypes: ['*'] }, operational))
  t.false(matches({ ...listening, id: 'sub_2' }, operational))
  // A visit's data may have a field of that name.
  t.true(matches(subscription, { ...event, data: { subscriptionId: subscription.id } }))
})

test('a pattern matches its own type, the types below its prefix, or every event of a visit', t => {
  for (const [pattern, type, expected] of [
    ['visit.checked_in', 'visit.checked_in', true],
    ['visit.checked_in', 'visit.checked_in.late', false],
    ['visit.checked', 'visit.checked_in', false],
    ['visit.*', 'visit.checked_in', true],
    ['visit.*', 'visit.badge.printed', true],
    ['visit.*', 'visitor.created', false],
    ['visit.*', 'visit', false],
    ['visit*', 'visit.checked_in', false],
    ['*', 'visit.checked_in', true],
    ['*', 'webhook.delivery.exhausted', false],
    ['webhook.*', 'webhook.delivery.exhausted', true],
    ['webhook.delivery.exhausted', 'webhook.delivery.exhausted', true],
  ] as const)
    t.is(matchesType(pattern, type), expected, `${pattern} ${type}`)
})

test('people are compared by their id, other values as they are', t => {
  t.is(comparable({ id: 'host-7', name: 'Tom' }), 'host-7')
  const withoutId = { name: 'Tom' }
  for (const value of ['ghent', 1, true, null, undefined, withoutId]) t.is(comparable(value), value)
})

test('a filter compares a value with its type', t => {
  const floor = { ...event, data: { floor: 1 } }
  t.true(matches({ ...subscription, filter: { floor: [1] } }, floor))
  t.false(matches({ ...subscription, filter: { floor: ['1'] } }, floor))
})

test('during a rotation the previous secret also signs, until its time', t => {
  t.deepEqual(secretsAt(subscription, 0), ['sealed'])
  const rotated = { ...subscription, previousSecret: { sealed: 'previous', validUntil: 10 } }
  t.deepEqual(secretsAt(rotated, 9), ['sealed', 'previous'])
  t.deepEqual(secretsAt(rotated, 10), ['sealed'])
})

test('a subscription receives the events that were accepted after it was created, by the order of the stream', t => {
  const created = { ...subscription, createdSequence: 17 }
  const younger = [16, 17, 18].map(sequence => isYounger(created, sequence))
  t.deepEqual(younger, [true, true, false])
  t.deepEqual([receives(created, event, 17), receives(created, event, 18)], [false, true])
  t.false(receives({ ...created, eventTypes: ['visit.cancelled'] }, event, 18))
  t.true(receives(subscription, event, 1), 'one of an earlier version of Doorbell')
})
