import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { startDoorbell } from '../support/doorbell.ts'

const path = '/v1/tenants/acme/subscriptions'
const wanted = { url: 'http://127.0.0.1:9999/', eventTypes: ['visit.*'] }

test('a POST with an Idempotency-Key is processed once, and repeats get the same answer with its secret', async t => {
  const { call } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const key = { 'idempotency-key': 'form-81' }
  const [one, other] = await Promise.all([call('POST', path, wanted, key), call('POST', path, wanted, key)])
  // Of two requests at the same time each may do the work: its ids and its secret come from the key.
  t.deepEqual([one.status, other.status, other.body], [201, 201, one.body])
  const again = await call('POST', path, wanted, key)
  t.is(again.status, 201)
  t.deepEqual(again.body, one.body)
  t.deepEqual([again.headers.get('idempotency-replayed'), again.headers.get('etag')], ['true', one.headers.get('etag')])
  t.is((await call<{ items: unknown[] }>('GET', path)).body.items.length, 1)
  t.like(await call('POST', path, { ...wanted, description: 'another' }, key), {
    status: 422,
    body: { code: 'idempotency_key_reused' },
  })
})

test('the stored answer of a request with a key is encrypted, as it may show a secret', async t => {
  const { call, database } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const { body } = await call<{ secret: string }>('POST', path, wanted, { 'idempotency-key': 'k' })
  const kept = await database('idempotency')
  t.is(kept.length, 1)
  t.false(JSON.stringify(kept).includes(body.secret.slice(6)))
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
