import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { callOf, checkIn, startDoorbell, subscribe } from '../support/doorbell.ts'

const path = '/v1/tenants/acme/subscriptions'
const wanted = { url: 'http://127.0.0.1:9999/', eventTypes: ['visit.*'] }

test('a POST with an Idempotency-Key is processed once, and repeats get the same answer with its secret', async t => {
  const { call } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const key = { 'idempotency-key': 'form-81' }
  const [one, other] = await Promise.all([call('POST', path, wanted, key), call('POST', path, wanted, key)])
  const first = one.status === 201 ? one : other
  const second = one.status === 201 ? other : one
  // Of two requests at the same time the later one is refused as in progress, or gets the answer of the first.
  t.true(second.status === 201 || second.body['code'] === 'idempotency_key_in_use')
  const again = await call('POST', path, wanted, key)
  t.is(again.status, 201)
  t.deepEqual(again.body, first.body)
  t.deepEqual(
    [again.headers.get('idempotency-replayed'), again.headers.get('etag')],
    ['true', first.headers.get('etag')],
  )
  t.is((await call<{ items: unknown[] }>('GET', path)).body.items.length, 1)
  t.like(await call('POST', path, { ...wanted, description: 'another' }, key), {
    status: 422,
    body: { code: 'idempotency_key_reused' },
  })
})

test('a failed request may be repeated with its Idempotency-Key', async t => {
  const { call } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const key = { 'idempotency-key': 'form-82' }
  t.is((await call('POST', path, { ...wanted, eventTypes: ['nothing.*'] }, key)).status, 400)
  t.is((await call('POST', path, wanted, key)).status, 201)
  t.is((await call('POST', path, wanted, { 'idempotency-key': 'two words' })).status, 400)
})

test('the stored answer of a request with a key is encrypted, as it may show a secret', async t => {
  const { call, database } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const { body } = await call<{ secret: string }>('POST', path, wanted, { 'idempotency-key': 'k' })
  const kept = await database('idempotency')
  t.is(kept.length, 1)
  t.false(JSON.stringify(kept).includes(body.secret.slice(6)))
})

test('a token beyond its quota gets 429 with the quota and the time to wait; events have a quota of their own', async t => {
  const { call, service } = await startDoorbell(t, { requestsPerMinute: 3 })
  await subscribe({ call }, 'http://127.0.0.1:9999/')
  const { body } = await call<{ token: string }>('POST', '/v1/tenants/acme/tokens', {
    scopes: ['subscriptions:read', 'events:write'],
  })
  const mine = callOf(service.url)
  const as = { authorization: `Bearer ${body.token}` }
  const answers = []
  for (let count = 0; count < 4; count += 1) answers.push(await mine('GET', path, undefined, as))
  t.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 429],
  )
  t.is(answers[0]?.headers.get('ratelimit-policy'), '"requests";q=3;w=60')
  t.regex(answers[0]?.headers.get('ratelimit') ?? '', /^"requests";r=2;t=\d+$/)
  const refused = answers[3]
  t.like(refused?.body, { code: 'rate_limited' })
  t.true(Number(refused?.headers.get('retry-after')) > 0)
  t.is((await mine('POST', '/v1/tenants/acme/events', checkIn(), as)).status, 202)
  t.is((await call('GET', path)).status, 200)
})

test('only pages of the origins that the operator configured may call the API', async t => {
  const { service } = await startDoorbell(t, { corsOrigins: ['https://portal.example.com'] })
  const preflight = (origin: string) =>
    fetch(service.url + path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'if-match' },
    })
  const allowed = await preflight('https://portal.example.com')
  t.is(allowed.headers.get('access-control-allow-origin'), 'https://portal.example.com')
  t.true(allowed.headers.get('access-control-allow-methods')?.includes('PATCH'))
  t.falsy((await preflight('https://elsewhere.example.com')).headers.get('access-control-allow-origin'))
  const problem = await fetch(service.url + path, { headers: { origin: 'https://portal.example.com' } })
  t.is(problem.headers.get('access-control-allow-origin'), 'https://portal.example.com')
})

test('the API reference and each problem’s page load nothing from other servers', async t => {
  const { service, call } = await startDoorbell(t)
  const docs = await (await fetch(`${service.url}/docs`)).text()
  for (const [, file = ''] of docs.matchAll(/(?:src|href)="([^"]+)"/g))
    t.is((await fetch(service.url + file)).status, 200, file)
  const { body } = await call<{ type: string }>('GET', '/v1/tenants/none/subscriptions')
  const page = await fetch(body.type)
  t.is(page.status, 200)
  t.true((await page.text()).includes('unknown_tenant'))
})

test('a request that Node cannot parse is also answered with a problem', async t => {
  const { call, service } = await startDoorbell(t)
  t.like(await call('GET', `/v1/event-types?page=${'a'.repeat(20_000)}`), {
    status: 431,
    body: { code: 'headers_too_large', type: `${service.url}/problems/headers_too_large` },
  })
  const { hostname, port } = new URL(service.url)
  const socket = connect(Number(port), hostname)
  socket.end('this is no request\r\n\r\n')
  const answer = await text(socket)
  t.regex(answer, /^HTTP\/1\.1 400 Bad Request\r\n/)
  t.regex(answer, /"code":"invalid_request"/)
})
