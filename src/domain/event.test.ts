import test from 'ava'
import { bodyInForm, eventIdPattern, isOperational, type VisitEvent, wireBody } from './event.ts'

const event: VisitEvent = {
  data: { site: 'ghent' },
  tenant: 'acme',
  visitId: 'visit-1',
  timestamp: '2026-03-02T08:56:12Z',
  type: 'visit.checked_in',
  id: 'evt_1',
}
const head = '{"id":"evt_1","type":"visit.checked_in","timestamp":"2026-03-02T08:56:12Z","visitId":"visit-1"'
const full = `${head},"sequence":9,"data":{"site":"ghent"}}`
const thin = `${head},"sequence":9}`

test('the body has its keys in one order, without the tenant, and in the thin form without data', t => {
  t.is(wireBody(event, 'full', 9), full)
  t.is(wireBody(event, 'thin', 9), thin)
})

test('the publisher’s sequence precedes the position in the stream', t => {
  t.is(wireBody({ ...event, sequence: 3 }, 'thin', 9), `${head},"sequence":3}`)
  t.is(wireBody({ ...event, sequence: 0 }, 'thin', 9), `${head},"sequence":0}`)
})

test('a stored body is converted to the form that the subscription has now, and never gets data that was not stored', t => {
  t.is(bodyInForm(full, 'full'), full)
  t.is(bodyInForm(full, 'thin'), thin)
  t.is(bodyInForm(thin, 'thin'), thin)
  t.is(bodyInForm(thin, 'full'), null)
})

test('an operational event is one of Doorbell’s own', t => {
  t.true(isOperational('webhook.subscription.failing'))
  for (const type of ['visit.checked_in', 'webhook', 'webhooks.other', 'visit.webhook.x']) t.false(isOperational(type))
})

test('an event id has at most 64 letters, digits, hyphens and underscores, and no dot', t => {
  const pattern = new RegExp(eventIdPattern)
  for (const id of ['a', 'evt_01KE4-Z9', 'x'.repeat(64)]) t.regex(id, pattern)
  for (const id of ['', 'a.b', 'x'.repeat(65), 'a b', 'é', 'a\n']) t.notRegex(id, pattern)
})
