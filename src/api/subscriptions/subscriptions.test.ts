import test from 'ava'
import { serveApi } from '../../../test/support/serve-api.ts'
import { Failure } from '../../domain/failure.ts'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { patchSchema, settingsSchema, subscriptionAnswer } from './wire.ts'

const path = '/v1/tenants/acme/subscriptions'
const good = { url: 'https://receiver.example/hook', eventTypes: ['visit.*'] }
const growth = { maxAttempts: 5, firstDelayMs: 1_000, factor: 2, maxDelayMs: 60_000, giveUpAfterMs: 3_600_000 }

interface Fault {
  readonly pointer: string
  readonly detail: string
}

/** A setting that must be refused, and the only places that the answer may point to. */
const refused: readonly [setting: object, pointers: readonly string[]][] = [
  [{ headers: { 'bad name': 'x' } }, ['/headers/bad name']],
  [{ headers: { 'x-a\r\nx-b': 'x' } }, ['/headers/x-a\r\nx-b']],
  [{ headers: { 'x-a': 'b\r\nx-c: d' } }, ['/headers/x-a']],
  [{ headers: { 'X-A': '1', 'x-a': '2' } }, ['/headers/x-a']],
  [{ headers: { Host: 'other.example' } }, ['/headers/Host']],
  [{ headers: { 'Content-Length': '3' } }, ['/headers/Content-Length']],
  [{ headers: { Traceparent: 'x', baggage: 'y' } }, ['/headers/Traceparent', '/headers/baggage']],
  [{ headers: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`x-${n}`, ''])) }, ['/headers']],
  [{ headers: Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`x-${n}`, 'y'.repeat(1_000)])) }, ['/headers']],
  [{ filter: { 'a\nb': 5 } }, ['/filter/a\nb']],
  [{ filter: { '': ['x'] } }, ['/filter/']],
  [{ filter: { site: 'brussels' } }, ['/filter/site']],
  [{ filter: { site: [{}] } }, ['/filter/site/0']],
  [{ retry: 5 }, ['/retry']],
  [{ retry: { delaysMs: [1] } }, ['/retry/delaysMs/0']],
  [{ retry: { ...growth, factor: 0 } }, ['/retry/factor']],
  [{ retry: { ...growth, maxDelayMs: 1e12 } }, ['/retry/maxDelayMs']],
  [{ eventTypes: ['visit.checked_in', 'badge.*'] }, ['/eventTypes/1']],
  [{ auth: { type: 'bearer' } }, ['/auth/token']],
  [{ ratePerSecond: 0 }, ['/ratePerSecond']],
  [{ status: 'paused' }, ['/status']],
  [{ ordering: 'site' }, ['/ordering']],
  [{ expiresAfterMs: 10 }, ['/expiresAfterMs']],
  [{ colour: 'red' }, ['/colour']],
]

test('an invalid setting is refused, at creation and later, with a pointer to it and to nothing else', async t => {
  const { call, subscriptions } = await serveApi(t)
  const { body: made } = await call('POST', path, good)
  const pointers = (errors: unknown) => (errors as Fault[]).map(({ pointer }) => pointer)
  for (const [setting, expected] of refused) {
    const created = await call('POST', path, { ...good, ...setting })
    t.is(created.status, 400, JSON.stringify(setting))
    t.deepEqual(pointers(created.body['errors']), expected)
    const changed = await call('PATCH', `${path}/${String(made['id'])}`, setting)
    t.deepEqual([changed.status, pointers(changed.body['errors'])], [400, expected])
  }
  t.is(subscriptions.size, 1)
})

test('a second subscription that sends the same events to the same url is created, and the answer names the first', async t => {
  const { call } = await serveApi(t)
  const { body: first } = await call('POST', path, good)
  t.false('warnings' in first)
  const { status, body: second } = await call('POST', path, good)
  const [warned, ...more] = second['warnings'] as Fault[]
  t.is(warned?.pointer, '/url')
  t.regex(
    warned?.detail ?? '',
    new RegExp(`^is the url of ${String(first['id'])} too, which also receives visit.*sent twice`),
  )
  t.deepEqual([status, more], [201, []])
  const at = `${path}/${String(second['id'])}`
  t.false('warnings' in (await call('GET', at)).body)
  t.false('warnings' in (await call('PATCH', at, { maxInFlight: 3 })).body)
  t.false('warnings' in (await call('PATCH', at, { url: 'https://other.example/' })).body)
  t.is(((await call('PATCH', at, { url: good.url })).body['warnings'] as Fault[]).length, 1)
})

test('header names are kept in lower case, and the secret is shown only at creation', async t => {
  const { call } = await serveApi(t)
  const { body: made, headers } = await call('POST', path, { ...good, headers: { 'X-Site-Key': 'k' } })
  t.like(made, { secret: 'whsec_x', headers: { 'x-site-key': '***' }, ordering: 'none', circuit: 'closed' })
  t.is(headers.get('location'), `${path}/${String(made['id'])}`)
  const { body } = await call('GET', `${path}/${String(made['id'])}`)
  t.like(body, { pending: 0, held: 0, oldestPendingAt: null })
  t.false('secret' in body || 'sealedSecret' in body)
})

test('a patch changes the fields that it names: null restores a default, and a retry policy of the same form is merged', async t => {
  const { call } = await serveApi(t)
  const { body: made } = await call('POST', path, { ...good, retry: growth, timeoutMs: 2_000, description: 'a' })
  const patch = async (change: unknown, headers = {}) =>
    call('PATCH', `${path}/${String(made['id'])}`, change, {
      'content-type': 'application/merge-patch+json',
      ...headers,
    })
  t.like((await patch({ retry: { maxAttempts: 3 }, timeoutMs: null })).body, {
    retry: { ...growth, maxAttempts: 3 },
    timeoutMs: 10_000,
    description: 'a',
  })
  t.deepEqual((await patch({ retry: { delaysMs: [1_000] } })).body['retry'], { delaysMs: [1_000] })
  t.is((await patch({ url: null })).status, 400)
  t.is((await patch(null)).status, 400)
  t.is((await patch({ description: 'b' }, { 'if-match': '"1"' })).status, 412)
  t.is((await patch({ description: 'b' }, { 'if-match': '"1", "3"' })).headers.get('etag'), '"4"')
})

test('changes at the same time without If-Match all apply; with it, all but the first learn that the version is another one', async t => {
  const { call } = await serveApi(t)
  const { body: made } = await call('POST', path, good)
  const one = `${path}/${String(made['id'])}`
  const fields = [
    { description: 'a' },
    { maxInFlight: 3 },
    { timeoutMs: 2_000 },
    { ratePerSecond: 7 },
    { payload: 'thin' },
  ]
  const patches = (headers: Record<string, string>) =>
    Promise.all(fields.map(async field => (await call('PATCH', one, field, headers)).status))
  t.deepEqual(await patches({}), [200, 200, 200, 200, 200])
  const { body, headers } = await call('GET', one)
  t.like(body, Object.assign({}, ...fields) as object)
  t.is(headers.get('etag'), '"6"')
  t.deepEqual((await patches({ 'if-match': '"6"' })).toSorted(), [200, 412, 412, 412, 412])
})

test('a weak ETag is refused with the reason: a proxy made it so', async t => {
  const { call } = await serveApi(t)
  const { body: made } = await call('POST', path, good)
  const { status, body } = await call('PATCH', `${path}/${String(made['id'])}`, {}, { 'if-match': 'W/"1"' })
  t.is(status, 412)
  t.regex(String(body['detail']), /^W\/"1" is a weak ETag, which a proxy made/)
})

test('defaults belong to the body that creates a subscription, so that a generated client sends none in a PATCH', t => {
  t.regex(JSON.stringify(settingsSchema), /"default"/)
  t.notRegex(JSON.stringify([patchSchema, subscriptionAnswer]), /"default"/)
})

test('a subscription whose place among the events is not sure is not created; if it cannot be undone, the answer says what holds', async t => {
  const inForce = () => Promise.reject(new Failure('stream_full', 'The change is stored.', { retryAfterS: 30 }))
  const { call, subscriptions } = await serveApi(t, { inForce })
  const failed = await call('POST', path, good)
  t.is(subscriptions.size, 0)
  t.is(failed.headers.get('retry-after'), '30')
  t.like(failed.body, {
    status: 503,
    code: 'stream_full',
    detail:
      'The event store did not confirm the subscription’s place among new events, so it was not created. Retry the request.',
  })
  const stores = fakeStores()
  const remove = () => Promise.reject(new Failure('ledger_unavailable', 'Away.'))
  const stays = await serveApi(t, { inForce, subscriptions: { ...stores.subscriptions, count: async () => 0, remove } })
  t.like((await stays.call('POST', path, good)).body, { code: 'stream_full', detail: 'The change is stored.' })
})
