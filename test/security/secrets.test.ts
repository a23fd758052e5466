import { randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { decodeProtectedHeader } from 'jose'
import { createVerifier, nodeReceiver, type Verifier } from '../../src/receiver/index.ts'
import { publishAheadMs, type StoredKey } from '../../src/domain/signing-key.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { createKeyRing } from '../../src/signing/key-ring.ts'
import { CannotOpen, createSealer } from '../../src/signing/sealer.ts'
import { reEncrypt } from '../../src/jobs/re-encryption.ts'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { type Arrival, startReceiver } from '../support/receiver.ts'
import { freshName, mongodbUrl } from '../support/servers.ts'

const path = (id: string) => `/v1/tenants/acme/subscriptions/${id}`
const verify = (verifier: Verifier, { headers, body }: Arrival) => verifier.verify(headers, body)

test('a receiver that caches the key set verifies before, during and after a rotation', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { call, service } = doorbell
  const { id } = await subscribe(doorbell, receiver.url)
  const verifier = createVerifier({ issuer: service.url, subscriptionId: id })
  interface Keys {
    readonly items: readonly { kid: string; use: string }[]
  }
  const used = async () => (await call<Keys>('GET', '/v1/keys')).body.items
  const before = await used()
  t.deepEqual(before.map(({ use }) => use).toSorted(), ['current', 'next'])
  await call('POST', '/v1/tenants/acme/events', checkIn({ id: 'before' }))
  const [first] = await receiver.count(1)
  if (first === undefined) return t.fail()
  t.is((await verify(verifier, first)).id, 'before')

  t.like(await call('POST', '/v1/keys/rotate'), { status: 409, body: { code: 'conflict' } })
  t.is((await call('POST', '/v1/keys/rotate', { force: true })).status, 200)
  const after = await used()
  t.deepEqual(after.map(({ use }) => use).toSorted(), ['current', 'next', 'retired'])
  t.is(after.find(({ use }) => use === 'current')?.kid, before.find(({ use }) => use === 'next')?.kid)
  await call('POST', '/v1/tenants/acme/events', checkIn({ id: 'after' }))
  const second = (await receiver.count(2))[1]
  if (second === undefined) return t.fail()
  const kidOf = ({ headers }: Arrival) => decodeProtectedHeader(String(headers['webhook-jws'])).kid
  t.not(kidOf(second), kidOf(first))
  t.is((await verify(verifier, second)).id, 'after')
  // Earlier signatures still verify.
  t.is((await verify(verifier, first)).id, 'before')
  return undefined
})

test('of two processes that rotate at the same time one succeeds, and both sign with the new key; a retired key is dropped in the end', async t => {
  const ledger = await openLedger({ url: mongodbUrl(), database: freshName('keys') })
  t.teardown(ledger.close)
  let now = Date.now()
  const options = {
    store: ledger.keys,
    sealer: createSealer(new Uint8Array(32)),
    issuer: 'https://d.test',
    now: () => now,
  }
  const [one, other] = [await createKeyRing(options), await createKeyRing(options)]
  const next = one.keys().find(({ use }) => use === 'next')?.kid
  await t.throwsAsync(one.rotate(), { message: /may not know/ })
  now += publishAheadMs
  const results = await Promise.allSettled([one.rotate(), other.rotate()])
  t.true(results.some(({ status }) => status === 'fulfilled'))
  await one.refresh()
  await other.refresh()
  const uses = one.keys().map(({ use }) => use)
  t.is(uses.filter(use => use === 'current').length, 1)
  const sign = async (ring: typeof one) => {
    const claims = { eventId: 'e', subscriptionId: 's', attempt: 1, body: '{}', at: now }
    return decodeProtectedHeader(await ring.sign(claims)).kid
  }
  t.is(await sign(one), await sign(other))
  t.is(await sign(one), next)
  now += 8 * 24 * 60 * 60_000
  t.true((await one.forgetRetired()) > 0)
  t.false(one.keys().some(({ use }) => use === 'retired'))
})

test('with Ed25519 the key set names the algorithm, and the kit verifies', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t, { signingAlg: 'Ed25519' })
  const { id } = await subscribe(doorbell, receiver.url)
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'ed' }))
  const [arrival] = await receiver.count(1)
  if (arrival === undefined) return t.fail()
  t.is(decodeProtectedHeader(String(arrival.headers['webhook-jws'])).alg, 'Ed25519')
  t.is((await verify(createVerifier({ issuer: doorbell.service.url, subscriptionId: id }), arrival)).id, 'ed')
  return undefined
})

test('during a rotation either secret verifies; after the overlap only the new one does', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { call, service } = doorbell
  const { id, secret: old } = await subscribe(doorbell, receiver.url)
  const rotate = (overlapMs: number) =>
    call<{ secret: string; previousValidUntil: string }>('POST', `${path(id)}/rotate-secret`, { overlapMs })
  const { secret: fresh } = (await rotate(60_000)).body
  const believes = async (secret: string, arrival: Arrival) => {
    const verified = verify(createVerifier({ issuer: service.url, subscriptionId: id, secret }), arrival)
    return verified.then(
      () => true,
      () => false,
    )
  }
  await call('POST', '/v1/tenants/acme/events', checkIn({ id: 'during' }))
  const [during] = await receiver.count(1)
  if (during === undefined) return t.fail()
  t.deepEqual([await believes(old, during), await believes(fresh, during)], [true, true])
  const { secret: last } = (await rotate(0)).body
  await call('POST', '/v1/tenants/acme/events', checkIn({ id: 'after' }))
  const after = (await receiver.count(2))[1]
  if (after === undefined) return t.fail()
  t.deepEqual([await believes(fresh, after), await believes(last, after)], [false, true])
  t.is((await call('POST', `${path(id)}/rotate-secret`, { overlapMs: 999_999_999_999 })).status, 400)
  return undefined
})

/** An endpoint that answers with the result of `answers`. */
const startEndpoint = async (
  t: ExecutionContext,
  answers: (headers: IncomingHttpHeaders, body: string) => [number, string],
) => {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => (body += String(chunk)))
    request.on('end', () => {
      const [status, text] = answers(request.headers, body)
      response.writeHead(status, { 'content-type': 'application/json' }).end(text)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
}

test('a subscription that must be verified holds its events until the endpoint has answered the signed challenge', async t => {
  let ready = false
  const seen: string[] = []
  const url = await startEndpoint(t, (headers, body) => {
    const { type, challenge, id } = JSON.parse(body) as { type: string; challenge?: string; id?: string }
    if (type === 'webhook.verification') return [ready ? 200 : 404, JSON.stringify({ challenge })]
    if (headers['webhook-test'] === 'true') return [401, '']
    seen.push(id ?? '')
    return [204, '']
  })
  const doorbell = await startDoorbell(t)
  const { call } = doorbell
  const { id } = await subscribe(doorbell, url, { requireVerification: true })
  t.like((await call('GET', path(id))).body, { status: 'paused', verification: { state: 'unverified' } })
  await call('POST', '/v1/tenants/acme/events', checkIn({ id: 'early' }))
  await rowWhen(doorbell, `early.${id}`, ({ status }) => status === 'held')
  t.is((await call('POST', `${path(id)}/resume`)).status, 409)
  t.like((await call('POST', `${path(id)}/verify`)).body, { status: 'paused', verification: { state: 'failed' } })
  ready = true
  t.like((await call('POST', `${path(id)}/verify`)).body, {
    status: 'active',
    verification: { state: 'verified' },
    probe: { accepted: false },
  })
  await rowWhen(doorbell, `early.${id}`)
  t.deepEqual(seen, ['early'])
  const moved = await call('PATCH', path(id), { url: `${url}/elsewhere` })
  t.like(moved.body, { status: 'paused', verification: { state: 'unverified' } })
})

test('the receiver kit answers the challenge by itself, and refuses the wrong signature', async t => {
  const worked: string[] = []
  let verifier: Verifier | undefined
  const server = createServer((request, response) => {
    if (verifier === undefined) return void response.writeHead(503).end()
    nodeReceiver({ verifier, onEvent: ({ id }) => void worked.push(id) })(request, response)
    return undefined
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  const doorbell = await startDoorbell(t)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const { id, secret } = await subscribe(doorbell, url, { requireVerification: true })
  verifier = createVerifier({ issuer: doorbell.service.url, subscriptionId: id, secret })
  t.like((await doorbell.call('POST', `${path(id)}/verify`)).body, {
    status: 'active',
    verification: { state: 'verified' },
    probe: { accepted: false },
  })
  t.deepEqual(worked, [])
})

test('an endpoint that accepts an event with a wrong signature is reported', async t => {
  const url = await startEndpoint(t, (_, body) => [200, body])
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, url)
  const { body } = await doorbell.call<{ probe: { detail: string } }>('POST', `${path(id)}/verify`)
  t.like(body, { status: 'active', probe: { accepted: true } })
  t.regex(body.probe.detail, /anybody could send it events/)
})

test('an endpoint that answers 404 has not refused a wrong signature', async t => {
  const url = await startEndpoint(t, () => [404, ''])
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, url)
  const { body } = await doorbell.call<{ probe: { detail: string } }>('POST', `${path(id)}/verify`)
  t.like(body, { verification: { state: 'failed' }, probe: { accepted: null } })
  t.regex(body.probe.detail, /404/)
})

test('headers and auth reach the endpoint, are shown masked, and are kept when the mask is sent back', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { call } = doorbell
  const auth = { type: 'basic', username: 'doorbell', password: 'p-4711' }
  const { id } = await subscribe(doorbell, receiver.url, { headers: { 'X-Api-Key': 'k-4711' }, auth })
  const shown = (await call('GET', path(id))).body
  t.like(shown, { headers: { 'x-api-key': '***' }, auth: { type: 'basic', username: 'doorbell', password: '***' } })
  t.is((await call('PATCH', path(id), { headers: shown['headers'], auth: shown['auth'], maxInFlight: 5 })).status, 200)
  await call('POST', '/v1/tenants/acme/events', checkIn({ id: 'one' }))
  const [arrival] = await receiver.count(1)
  t.is(arrival?.headers['x-api-key'], 'k-4711')
  t.is(arrival?.headers.authorization, `Basic ${Buffer.from('doorbell:p-4711').toString('base64')}`)
  const bearer = { auth: { type: 'bearer', token: 't-4711' }, headers: null }
  t.like((await call('PATCH', path(id), bearer)).body, { auth: { type: 'bearer', token: '***' } })
  await call('POST', '/v1/tenants/acme/events', checkIn({ id: 'two' }))
  const second = (await receiver.count(2))[1]
  t.deepEqual([second?.headers['x-api-key'], second?.headers.authorization], [undefined, 'Bearer t-4711'])
  t.false(JSON.stringify(await doorbell.database('subscriptions')).includes('4711'))
  t.is((await call('PATCH', path(id), { headers: { 'x-new': '***' } })).status, 400)
  t.is((await call('PATCH', path(id), { headers: { authorization: 'x' } })).status, 400)
})

test('with a new encryption key everything is re-encrypted at the start, and the old key is no longer needed', async t => {
  const receiver = await startReceiver(t)
  const [old, fresh] = [randomBytes(32), randomBytes(32)]
  const first = await startDoorbell(t, { encryptionKey: old })
  const { id } = await subscribe(first, receiver.url, { headers: { 'x-a': 'b' } })
  await first.service.stop()
  const { database } = first.settings
  if (database === undefined) return t.fail()
  const second = await startDoorbell(t, { encryptionKey: fresh, previousEncryptionKeys: [old], database })
  await second.service.stop()
  const third = await startDoorbell(t, { encryptionKey: fresh, database })
  await third.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'resealed' }))
  const [arrival] = await receiver.count(1)
  t.is(arrival?.headers['x-a'], 'b')
  await rowWhen(third, `resealed.${id}`)
  await third.service.stop()
  const ledger = await openLedger({ url: mongodbUrl(), database })
  t.teardown(ledger.close)
  await t.throwsAsync(reEncrypt(ledger, createSealer(old)), { message: /DOORBELL_ENCRYPTION_KEY_PREVIOUS/ })
  return undefined
})

test('a process with another encryption key is refused at the start, and running processes are not affected', async t => {
  const receiver = await startReceiver(t)
  const running = await startDoorbell(t)
  const { id } = await subscribe(running, receiver.url)
  const stored = async () => [await running.database('keys'), await running.database('subscriptions')]
  const before = await stored()
  const wrong = { ...running.settings, encryptionKey: randomBytes(32) }
  for (const role of ['all', 'api', 'worker'] as const) {
    const error = await t.throwsAsync(startDoorbell(t, { ...wrong, role }), { code: 'invalid_settings' })
    t.regex(error?.message ?? '', /Set DOORBELL_ENCRYPTION_KEY to the key that every other process has/)
    t.false(error?.message.includes(Buffer.from(wrong.encryptionKey).toString('base64')), 'no key is shown')
  }
  t.deepEqual(await stored(), before)
  await running.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'undisturbed' }))
  await rowWhen(running, `undisturbed.${id}`)
})

test('after two first starts with different keys, a key ring with a key of each is refused at the start, not at the rotation', async t => {
  const [mine, others] = [createSealer(randomBytes(32)), createSealer(randomBytes(32))]
  const keys: StoredKey[] = []
  const store = {
    load: async () => keys,
    insertFirst: async (key: StoredKey) => (keys.push(key), keys),
    rotate: async () => false,
    forgetRetired: async () => 0,
  }
  const options = { store, issuer: 'https://doorbell.test', now: Date.now }
  await createKeyRing({ ...options, sealer: mine })
  const next = keys.findIndex(({ use }) => use === 'next')
  const [stolen] = keys.splice(next, 1)
  if (stolen === undefined) return t.fail()
  keys.push({ ...stolen, sealedPrivateJwk: await others.seal(await mine.open(stolen.sealedPrivateJwk)) })
  await t.throwsAsync(createKeyRing({ ...options, sealer: mine }), { instanceOf: CannotOpen })
  return undefined
})
