import test from 'ava'
import { eventTypes } from '../../../config/event-types/index.ts'
import { serveApi } from '../../../test/support/serve-api.ts'

const events = '/v1/tenants/acme/events'
const subscriptions = '/v1/tenants/acme/subscriptions'
const deliveries = '/v1/tenants/acme/deliveries'
const sample = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample
const checkIn = (change = {}) => ({ type: 'visit.checked_in', visitId: 'visit-1', data: sample, ...change })
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

test('a body that is nested too deeply for a parser is refused by every call', async t => {
  const { call, logged } = await serveApi(t)
  const deep = JSON.stringify(checkIn({ data: { ...sample, deep: 0 } })).replace('"deep":0', `"deep":${nested(30_000)}`)
  t.like(await call('POST', events, deep), { status: 400, body: { code: 'invalid_request' } })
  const { body } = await call('POST', `${events}/batch`, `{"events":[${deep}]}`)
  t.like((body['results'] as object[])[0], { code: 'invalid_request' })
  const { body: made } = await call('POST', subscriptions, { url: 'https://a.example/', eventTypes: ['*'] })
  const patch = `{"filter":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`
  t.like(await call('PATCH', `${subscriptions}/${String(made['id'])}`, patch), {
    status: 400,
    body: { code: 'invalid_request' },
  })
  t.deepEqual(logged, [])
})

test('a compressed body is refused with its encoding named', async t => {
  const { call } = await serveApi(t)
  const answer = await call('POST', events, checkIn(), { 'content-encoding': 'gzip' })
  t.like(answer, { status: 415, body: { code: 'unsupported_media_type' } })
})

test('a query with an unknown parameter is refused, so a misspelt filter does not answer with everything', async t => {
  const { call } = await serveApi(t)
  for (const query of ['eventid=a', 'eventId=a&eventId=b', 'eventId=', 'status=lost', 'limit=0', 'limit=x', 'cursor=x'])
    t.like(await call('GET', `${deliveries}?${query}`), { status: 400, body: { code: 'invalid_request' } }, query)
  t.is((await call('GET', `${subscriptions}?status=active`)).status, 400)
  t.is((await call('GET', `${deliveries}?eventId=a&status=dead&limit=5`)).status, 200)
})
