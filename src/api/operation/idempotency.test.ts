import test from 'ava'
import { fakeIdempotency } from '../../../test/support/fake-idempotency.ts'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { recorded, type RecordedCall } from '../../../test/support/recorded.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import { nine, storedDocuments } from '../../../test/support/stored-documents.ts'
import { scopes } from '../../domain/tenant.ts'
import { hashToken } from './guard.ts'

const path = '/v1/tenants/acme/subscriptions'
const wanted = { url: 'https://receiver.example/', eventTypes: ['visit.*'] }
const key = { 'idempotency-key': 'form-81' }

const start = async (t: Parameters<typeof serveApi>[0], change: Parameters<typeof serveApi>[1] = {}) => {
  const stores = fakeStores()
  const calls: RecordedCall[] = []
  const store = fakeIdempotency()
  const byHash = async (hash: string) => {
    const id = ['one', 'other'].find(name => hashToken(name) === hash)
    return id === undefined ? null : { ...storedDocuments.token, id, scopes }
  }
  const served = await serveApi(t, {
    ...recorded({ ...stores, tokens: { ...stores.tokens, byHash }, idempotency: store }, calls),
    open: async sealed => sealed.replace('sealed ', ''),
    ...change,
  })
  const done = (name: string) => calls.filter(([each]) => each === name)
  return { ...served, store, done }
}

test('a POST with an Idempotency-Key is processed once: a repeat gets the same status, body, ETag and Location, and says that it is one', async t => {
  const { call, done, store } = await start(t)
  const first = await call('POST', path, wanted, key)
  const again = await call('POST', path, wanted, key)
  t.is(first.status, 201)
  t.deepEqual([again.status, again.body], [201, first.body])
  const headersOf = ({ headers }: typeof first) =>
    ['etag', 'location', 'content-type', 'idempotency-replayed'].map(name => headers.get(name))
  const json = 'application/json; charset=utf-8'
  t.deepEqual(headersOf(first), ['"1"', `${path}/${String(first.body['id'])}`, json, null])
  t.deepEqual(headersOf(again), ['"1"', `${path}/${String(first.body['id'])}`, json, 'true'])
  t.is(done('subscriptions.insert').length, 1)
  t.is(done('idempotency.begin')[0]?.[3], nine)
  const [kept] = store.requests.values()
  t.regex(kept?.answer ?? '', /^sealed \{/)
  t.false([...store.requests.keys()].some(id => id.includes('form-81') || id.includes('operator')))
})

test('a key is the same key however the path is spelled, and a path has one spelling', async t => {
  const { call, done } = await start(t)
  await call('POST', path, wanted, key)
  t.is((await call('POST', path.replace('acme', 'ac%6De'), wanted, key)).headers.get('idempotency-replayed'), 'true')
  for (const [other, hint] of [
    [`${path}/`, /Leave out the slash/],
    [path.replace('v1', 'V1'), /small letters/],
    [path.replace('tenants', 'Tenants'), /nothing at/],
  ] as const) {
    const { status, body } = await call('POST', other, wanted, key)
    t.is(status, 404, other)
    t.regex(String(body['detail']), hint)
  }
  t.is(done('subscriptions.insert').length, 1)
})

test('bodies that differ in the last digit of a long number are different requests', async t => {
  const { call } = await start(t)
  const bodyWith = (number: string) => JSON.stringify(wanted).replace('{', `{"filter":{"cardNo":[${number}]},`)
  await call('POST', path, bodyWith('9007199254740992'), key)
  const { status, body } = await call('POST', path, bodyWith('9007199254740993'), key)
  t.deepEqual([status, body['code']], [422, 'idempotency_key_reused'])
})

test('a key belongs to its caller, operation and path: no other caller gets the stored answer, with its secret', async t => {
  const { call, done } = await start(t)
  const as = (token: string) => ({ ...key, authorization: `Bearer ${token}` })
  for (const headers of [key, as('one'), as('other')]) {
    const { status, headers: answered } = await call('POST', path, wanted, headers)
    t.deepEqual([status, answered.get('idempotency-replayed')], [201, null])
  }
  t.is(done('subscriptions.insert').length, 3)
  for (const each of ['a/pause', 'b/pause', 'a/rotate-secret', 'a/verify'])
    t.is((await call('POST', `${path}/${each}`, {}, key)).headers.get('idempotency-replayed'), null, each)
  t.is((await call('POST', `${path}/a/pause`, {}, key)).headers.get('idempotency-replayed'), 'true')
  t.is((await call('POST', path, wanted, { 'idempotency-key': 'form-82' })).headers.get('idempotency-replayed'), null)
})

test('a key with another body is refused, and so is one whose request is still being processed', async t => {
  const { call, store } = await start(t)
  await call('POST', path, wanted, key)
  const another = await call('POST', path, { ...wanted, description: 'another' }, key)
  t.deepEqual(
    [another.status, another.body['code'], another.headers.get('retry-after')],
    [422, 'idempotency_key_reused', null],
  )
  for (const request of store.requests.values()) delete request.answer
  const early = await call('POST', path, wanted, key)
  t.deepEqual(
    [early.status, early.body['code'], early.headers.get('retry-after')],
    [409, 'idempotency_key_in_use', '1'],
  )
})

test('a request that failed may be repeated with its key', async t => {
  const { call, store, done } = await start(t)
  t.is((await call('POST', path, { ...wanted, eventTypes: ['nothing.*'] }, key)).status, 400)
  t.is(store.requests.size, 0)
  t.is((await call('POST', path, wanted, key)).status, 201)
  t.is(done('idempotency.forget').length, 1)
})

test('a request that failed says why, also when its key cannot be released', async t => {
  const idempotency = { ...fakeIdempotency(), forget: () => Promise.reject(new Error('away')) }
  const { call } = await start(t, { idempotency })
  t.is((await call('POST', path, { ...wanted, eventTypes: ['nothing.*'] }, key)).body['code'], 'invalid_request')
})

test('a change is answered although its answer could not be stored for the key; the operator finds it in the log', async t => {
  const idempotency = { ...fakeIdempotency(), finish: () => Promise.reject(new Error('away')) }
  const { call, logged } = await start(t, { idempotency })
  const { status, body } = await call('POST', path, wanted, key)
  t.deepEqual([status, body['secret']], [201, 'whsec_x'])
  t.is(logged.length, 1)
  t.like(logged[0], { err: { message: 'away' } })
})

test('a key has 1 to 255 visible ASCII characters; without one, for a GET, and for a call that is open to anyone nothing is stored', async t => {
  const { call, store } = await start(t)
  for (const wrong of ['two words', 'x'.repeat(256), 'é'])
    t.is((await call('POST', path, wanted, { 'idempotency-key': wrong })).body['code'], 'invalid_request', wrong)
  await call('POST', path, wanted)
  await call('GET', path, undefined, key)
  await call('POST', '/v1/retry-preview', { retry: { delaysMs: [] } }, key)
  await call('DELETE', `${path}/a`, undefined, key)
  t.is(store.requests.size, 0)
  t.is((await call('POST', path, wanted, { 'idempotency-key': '!~'.padEnd(255, 'x') })).status, 201)
  t.is(store.requests.size, 1)
})
