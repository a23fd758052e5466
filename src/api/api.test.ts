import test from 'ava'
import { eventTypes } from '../../config/event-types/index.ts'
import { Failure } from '../domain/failure.ts'
import { serveApi } from './fixtures.ts'

const events = '/v1/tenants/acme/events'
const subscriptions = '/v1/tenants/acme/subscriptions'
const deliveries = '/v1/tenants/acme/deliveries'
const sample = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample
const checkIn = (change = {}) => ({ type: 'visit.checked_in', visitId: 'visit-1', data: sample, ...change })
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const pointersOf = (body: { errors?: unknown }) =>
  ((body.errors ?? []) as { pointer: string }[]).map(({ pointer }) => pointer)

test('a batch is answered one by one: accepted, twice posted, and each kind of bad', async t => {
  const { call, accepted } = await serveApi(t)
  const { status, body } = await call('POST', `${events}/batch`, {
    events: [
      checkIn({ id: 'a' }),
      checkIn({ id: 'a' }),
      checkIn({ visitId: 'no spaces' }),
      checkIn({ type: 'visit.lost' }),
      checkIn({ data: { ...sample, note: 'x'.repeat(64 * 1024) } }),
      null,
      checkIn({ id: 'b' }),
    ],
  })
  t.is(status, 202)
  const results = body['results'] as { id?: string; duplicate?: boolean; code?: string; status?: number }[]
  t.deepEqual(
    results.map(({ id, duplicate, code }) => code ?? [id, duplicate]),
    [
      ['a', false],
      ['a', true],
      'invalid_request',
      'unknown_event_type',
      'payload_too_large',
      'invalid_request',
      ['b', false],
    ],
  )
  t.deepEqual(
    accepted.map(({ id }) => id),
    ['a', 'b'],
  )
})

test('a batch is neither empty nor longer than 500', async t => {
  const { call } = await serveApi(t)
  for (const list of [[], Array.from({ length: 501 }, () => ({}))])
    t.deepEqual(pointersOf((await call('POST', `${events}/batch`, { events: list })).body), ['/events'])
})

test('a body nested so deep that a parser would fall over is refused wherever it is read', async t => {
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

test('compressed bodies are refused by name', async t => {
  const { call } = await serveApi(t)
  const answer = await call('POST', events, checkIn(), { 'content-encoding': 'gzip' })
  t.like(answer, { status: 415, body: { code: 'unsupported_media_type' } })
})

test('a query that would be ignored is refused, so that a misspelt filter does not answer with everything', async t => {
  const { call } = await serveApi(t)
  for (const query of ['eventid=a', 'eventId=a&eventId=b', 'eventId=', 'status=lost', 'limit=0', 'limit=x', 'cursor=x'])
    t.like(await call('GET', `${deliveries}?${query}`), { status: 400, body: { code: 'invalid_request' } }, query)
  t.is((await call('GET', `${subscriptions}?status=active`)).status, 400)
  t.is((await call('GET', `${deliveries}?eventId=a&status=dead&limit=5`)).status, 200)
})

test('a 401 says how to authenticate, and names an error only to who sent a token', async t => {
  const { call } = await serveApi(t)
  const challenge = async (authorization: string) =>
    (await call('POST', events, checkIn(), { authorization })).headers.get('www-authenticate')
  t.is(await challenge(''), 'Bearer realm="doorbell"')
  t.is(await challenge('Bearer dbt_unknown'), 'Bearer realm="doorbell", error="invalid_token"')
})

test('a defect is logged, and its client learns nothing but the trace id', async t => {
  const { call, logged } = await serveApi(t, { accept: () => Promise.reject(new Error('secret of the house')) })
  const { status, body } = await call('POST', events, checkIn())
  t.is(status, 500)
  t.is(body['code'], 'internal')
  t.is(typeof body['traceId'], 'string')
  t.false(JSON.stringify(body).includes('secret of the house'))
  t.is(logged.length, 1)
})

test('what is out of reach says when to try again', async t => {
  const failures = [new Failure('stream_full', 'full', { retryAfterS: 30 }), new Failure('shutting_down', 'ending')]
  const { call } = await serveApi(t, { accept: () => Promise.reject(failures.shift() ?? new Error('one too many')) })
  for (const [code, seconds] of [
    ['stream_full', '30'],
    ['shutting_down', '5'],
  ]) {
    const { status, headers, body } = await call('POST', events, checkIn())
    t.deepEqual([status, body['code'], headers.get('retry-after')], [503, code, seconds])
  }
})

test('OPTIONS and a wrong method name the right ones, and HEAD is GET without a body', async t => {
  const { call } = await serveApi(t)
  t.is((await call('OPTIONS', events)).headers.get('allow'), 'POST, HEAD, GET')
  const { status, headers, body } = await call('DELETE', events)
  t.deepEqual([status, headers.get('allow'), body['code']], [405, 'POST, HEAD, GET', 'method_not_allowed'])
  t.is((await call('HEAD', '/v1/event-types')).status, 200)
})

test('nothing but the key set and the page may be cached, and the page asks each time whether it is the newest', async t => {
  const { call } = await serveApi(t)
  t.is((await call('GET', '/.well-known/jwks.json')).headers.get('cache-control'), 'public, max-age=300')
  for (const path of ['/readyz', '/v1/event-types', subscriptions])
    t.is((await call('GET', path)).headers.get('cache-control'), 'no-store', path)
  t.is((await call('GET', '/')).headers.get('cache-control'), 'no-cache')
  t.true((await call('GET', '/')).headers.get('content-security-policy')?.startsWith("default-src 'none'"))
})

test('a process that is not ready says what is missing; without MongoDB one that takes check-ins stays in its balancer', async t => {
  const readiness = async (role: 'all' | 'api' | 'worker', checks: Readonly<Record<string, string>>) => {
    const { call } = await serveApi(t, { role, checks: async () => ({ nats: 'ok', mongodb: 'ok', ...checks }) })
    t.is((await call('GET', '/livez')).status, 200)
    const { status, body } = await call('GET', '/readyz')
    return [status, body['status'], body['checks']]
  }
  const away = 'no answer'
  t.deepEqual(await readiness('api', {}), [200, 'ok', { nats: 'ok', mongodb: 'ok' }])
  t.deepEqual(await readiness('api', { mongodb: away }), [200, 'degraded', { nats: 'ok', mongodb: away }])
  t.deepEqual(await readiness('all', { mongodb: away }), [200, 'degraded', { nats: 'ok', mongodb: away }])
  t.deepEqual(await readiness('worker', { mongodb: away }), [503, 'unavailable', { nats: 'ok', mongodb: away }])
  t.deepEqual(await readiness('api', { nats: away }), [503, 'unavailable', { nats: away, mongodb: 'ok' }])
  t.deepEqual(await readiness('api', { nats: away, mongodb: away }), [
    503,
    'unavailable',
    { nats: away, mongodb: away },
  ])
})

test('the catalogue is plain JSON Schema that a generator can read', async t => {
  const { call } = await serveApi(t)
  const { body } = await call('GET', '/v1/event-types')
  const items = body['items'] as { type: string; schema: { type: string; required: string[] }; sample: object }[]
  t.deepEqual(
    items.map(({ type }) => type),
    eventTypes.map(({ type }) => type),
  )
  for (const { schema } of items) {
    t.is(schema.type, 'object')
    t.false(JSON.stringify(schema).includes('~'))
  }
})
