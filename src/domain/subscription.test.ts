import test from 'ava'
import type { VisitEvent } from './event.ts'
import { defaultRetry } from './retry.ts'
import { matches, type Subscription } from './subscription.ts'

const event: VisitEvent = {
  id: 'evt_1',
  type: 'visit.checked_in',
  timestamp: '2026-03-02T08:56:12Z',
  tenant: 'acme',
  visitId: 'visit-1',
  data: { site: 'ghent', host: { id: 'host-7', name: 'Tom' } },
}
const subscription: Subscription = {
  id: 'sub_1',
  tenant: 'acme',
  url: 'https://receiver.example/',
  eventTypes: ['visit.checked_in'],
  status: 'active',
  retry: defaultRetry,
  timeoutMs: 10_000,
  maxInFlight: 8,
  ordering: 'none',
  payload: 'full',
  propagateTrace: false,
  sealedSecret: 'sealed',
  version: 1,
  createdAt: 1,
  updatedAt: 1,
}

for (const [change, expected] of [
  [{}, true],
  [{ eventTypes: ['visit.*'] }, true],
  [{ eventTypes: ['*'] }, true],
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
})
