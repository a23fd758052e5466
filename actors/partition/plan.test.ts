import test from 'ava'
import { aMessage, anEvent } from '../../test/support/fake-messages.ts'
import { aSubscription } from '../../test/support/supervised-values.ts'
import { idsOf, match, plan } from './plan.ts'

const span = { traceparent: '00-trace', identify: () => undefined, end: () => undefined }
const arrived = (id: string, tenant = 'acme') => ({
  message: aMessage(7, () => undefined, { tenant, partition: 5, at: 4_000 }),
  event: anEvent(id, { tenant, visitId: 'visit-9', type: 'visit.updated' }),
  span,
})

test('an event is matched with the subscriptions of its own tenant that want it', t => {
  const all = [
    aSubscription({ id: 'wanted', createdSequence: 6 }),
    aSubscription({ id: 'other-type', eventTypes: ['visit.created'] }),
    aSubscription({ id: 'other-host', filter: { host: ['h-2'] } }),
    aSubscription({ id: 'foreign', tenant: 'globex' }),
    aSubscription({ id: 'younger', createdSequence: 7 }),
  ]
  const { subscriptions, ...rest } = match(arrived('e1'), tenant => all.filter(each => each.tenant === tenant))
  t.deepEqual(subscriptions, [all[0]])
  t.is(rest.event.id, 'e1')
  t.deepEqual(idsOf([{ ...rest, subscriptions: [aSubscription({ id: 'a' }), aSubscription({ id: 'b' })] }]), [
    'e1.a',
    'e1.b',
  ])
})

test('the look-up of a batch asks for every delivery of each of its events, of every tenant', t => {
  const subscriptions = { acme: ['a', 'b'], globex: ['c'] } as Record<string, string[]>
  const subscriptionsOf = (tenant: string) => (subscriptions[tenant] ?? []).map(id => aSubscription({ id, tenant }))
  const batch = [arrived('e1'), arrived('e2', 'globex'), arrived('e3', 'nobody')]
  t.deepEqual(idsOf(batch.map(each => match(each, subscriptionsOf))), ['e1.a', 'e1.b', 'e2.c'])
})

test('each subscription gets the event in its own payload form, whatever the others get', t => {
  const { event } = arrived('e1')
  const { id, type, timestamp, visitId, data } = event
  const thin = JSON.stringify({ id, type, timestamp, visitId, sequence: 7 })
  const full = JSON.stringify({ id, type, timestamp, visitId, sequence: 7, data })
  for (const forms of [['full', 'thin', 'full'], ['thin', 'full', 'thin'], ['thin'], ['full']] as const) {
    const subscriptions = forms.map((payload, n) => aSubscription({ id: `s${n}`, payload }))
    const { offers } = plan({ ...arrived('e1'), subscriptions }, new Set(), 9_000)
    t.deepEqual(
      offers.map(({ delivery }) => delivery.body),
      forms.map(form => (form === 'thin' ? thin : full)),
    )
  }
})

test('a new delivery is due at once, and holds what its row needs', t => {
  const matched = {
    ...arrived('e1', 'globex'),
    subscriptions: [aSubscription({ id: 's1', tenant: 'globex', payload: 'thin' })],
  }
  const { offers, ...planned } = plan(matched, new Set(), 9_000)
  t.deepEqual(planned, { message: matched.message, event: matched.event, span, matched: true })
  t.is(offers[0]?.subscription, matched.subscriptions[0])
  t.deepEqual(offers[0]?.delivery, {
    id: 'e1.s1',
    tenant: 'globex',
    partition: 5,
    subscriptionId: 's1',
    eventId: 'e1',
    visitId: 'visit-9',
    type: 'visit.updated',
    streamSequence: 7,
    status: 'pending',
    nextAttemptAt: 9_000,
    attempts: [],
    body: '{"id":"e1","type":"visit.updated","timestamp":"2026-03-02T09:30:00Z","visitId":"visit-9","sequence":7}',
    revision: 0,
    traceparent: '00-trace',
    createdAt: 4_000,
    updatedAt: 9_000,
  })
})

test('only a subscription that wants the order of visits gets ordered deliveries', t => {
  const subscriptions = [aSubscription({ id: 'a', ordering: 'visit' }), aSubscription({ id: 'b' })]
  const { offers } = plan({ ...arrived('e1'), subscriptions }, new Set(), 0)
  t.deepEqual(
    offers.map(({ delivery }) => 'ordered' in delivery && delivery.ordered),
    [true, false],
  )
})

test('a delivery that has a row is not planned again, and its event still counts as matched', t => {
  const subscriptions = [aSubscription({ id: 'a' }), aSubscription({ id: 'b' })]
  const planOf = (...rows: string[]) => plan({ ...arrived('e1'), subscriptions }, new Set(rows), 0)
  t.deepEqual(
    planOf('e1.a', 'e2.b').offers.map(({ delivery }) => delivery.id),
    ['e1.b'],
  )
  t.like(planOf('e1.a', 'e1.b'), { offers: [], matched: true })
  t.false(plan({ ...arrived('e1'), subscriptions: [] }, new Set(), 0).matched)
})
