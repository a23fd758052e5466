import test from 'ava'
import { fakeIdempotency } from '../../../test/support/fake-idempotency.ts'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { recorded, type RecordedCall } from '../../../test/support/recorded.ts'
import { checkIn } from '../../../test/support/doorbell.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import { nine, storedDocuments } from '../../../test/support/stored-documents.ts'
import { scopes } from '../../domain/tenant.ts'
import { Failure } from '../../domain/failure.ts'
import type { Subscription } from '../../domain/subscription.ts'
import { hashToken } from './guard.ts'

const path = '/v1/tenants/acme/subscriptions'
const wanted = { url: 'https://receiver.example/', eventTypes: ['visit.*'] }
const aCheckIn = checkIn()
/** The subscription that a call names exists, and the one that it creates does not. */
const getExisting = async (_tenant: string, id: string) => (id === 'sub_1' ? storedDocuments.subscription : null)
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
    ...recorded({ ...stores, tokens: { ...stores.tokens, byHash }, idempotency: store, ...change }, calls),
    open: async sealed => sealed.replace('sealed ', ''),
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

test('a key with another body is refused, and so is one whose request is still being processed by a call that must run alone', async t => {
  const { call, store } = await start(t)
  await call('POST', path, wanted, key)
  const another = await call('POST', path, { ...wanted, description: 'another' }, key)
  t.deepEqual(
    [another.status, another.body['code'], another.headers.get('retry-after')],
    [422, 'idempotency_key_reused', null],
  )
  const resend = '/v1/tenants/acme/deliveries/evt_1.sub_1/resend'
  await call('POST', resend, {}, key)
  for (const request of store.requests.values()) delete request.answer
  const early = await call('POST', resend, {}, key)
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

/** Calls that create something, each with the store's call that shows what was created. */
const creating: readonly (readonly [path: string, body: object, stored: string])[] = [
  ['subscriptions', wanted, 'subscriptions.insert'],
  ['tokens', { scopes: ['events:write'] }, 'tokens.insert'],
  ['replays', { subscriptionId: 'sub_1', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }, 'replays.insert'],
  ['subscriptions/sub_1/test', {}, 'deliveries.insert'],
  ['events', aCheckIn, 'accept'],
  ['events/batch', { events: [aCheckIn, aCheckIn] }, 'accept'],
]

for (const [name, body, stored] of creating)
  test(`a POST to …/${name} whose answer was lost makes the same ids, tokens and secrets when it is repeated, also while it is still under way`, async t => {
    // Nothing is found, so each call creates; the store keeps the first by its id.
    const none = {
      subscriptions: { ...fakeStores().subscriptions, count: async () => 0, get: getExisting },
      replays: { ...fakeStores().replays, get: async () => null },
    }
    const { call, store, done } = await start(t, none)
    const post = (headers: object = key) => call('POST', `/v1/tenants/acme/${name}`, body, headers)
    const first = await post()
    const made = done(stored).length
    t.true(made > 0)
    for (const request of store.requests.values()) delete request.answer
    const again = await post()
    t.true(first.status < 300)
    t.deepEqual(
      [again.status, again.body, again.headers.get('location')],
      [first.status, first.body, first.headers.get('location')],
    )
    t.deepEqual(done(stored).slice(made), done(stored).slice(0, made))
    const another = await post({ 'idempotency-key': 'form-82' })
    t.notDeepEqual(another.body, first.body)
    const ids = done(stored).map(([, what]) => (what as { id: string }).id)
    t.is(new Set(ids).size, made * 2, 'each of a batch has an id of its own')
  })

test('a rotation whose answer was lost is not made a second time', async t => {
  const state: { subscription: Subscription } = { subscription: storedDocuments.subscription }
  const subscriptions = {
    ...fakeStores().subscriptions,
    get: async () => state.subscription,
    replace: async (changed: Subscription) => {
      state.subscription = changed
      return true
    },
  }
  const newSecret = (bytes: Buffer) => `whsec_${bytes.toString('hex')}`
  const { call, store, done } = await start(t, { subscriptions, newSecret })
  const rotate = (headers: object) => call('POST', `${path}/sub_1/rotate-secret`, {}, headers)
  const first = await rotate(key)
  for (const request of store.requests.values()) delete request.answer
  const again = await rotate(key)
  t.deepEqual([again.status, again.body], [200, first.body])
  t.is(state.subscription.previousSecret?.sealed, storedDocuments.subscription.sealedSecret)
  t.is(done('inForce').length, 2)
  t.not((await rotate({ 'idempotency-key': 'form-82' })).body['secret'], first.body['secret'])
  t.is(state.subscription.previousSecret?.sealed, `sealed ${String(first.body['secret'])}`)
})

test('after a fault of ours a key keeps its ids, and after a refusal another body may use it', async t => {
  let isAway = true
  const ids: string[] = []
  const accept = async ({ id }: { readonly id: string }) => {
    ids.push(id)
    if (isAway) throw new Failure('streams_unavailable', 'away')
    return { id, duplicate: false }
  }
  const { call, store } = await start(t, { accept })
  const post = (body: object) => call('POST', '/v1/tenants/acme/events', body, key)
  t.is((await post({ ...aCheckIn, type: 'visit.unknown' })).status, 400)
  t.is(store.requests.size, 0)
  t.is((await post(aCheckIn)).status, 503)
  isAway = false
  t.is((await post(aCheckIn)).status, 202)
  t.is(ids[0], ids[1])
})
