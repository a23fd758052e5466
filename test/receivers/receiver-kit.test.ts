import { createHmac, createSecretKey } from 'node:crypto'
import { createServer, request as open, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import express from 'express'
import fc from 'fast-check'
import { exportJWK, FlattenedSign, generateKeyPair } from 'jose'
import Koa from 'koa'
import {
  createSeenIds,
  createVerifier,
  expressReceiver,
  fetchReceiver,
  koaReceiver,
  nodeReceiver,
  VerificationError,
  verifyHmac,
  type Verifier,
} from 'doorbell/receiver'
import type { StoredKey } from '../../src/domain/signing-key.ts'
import { createKeyRing } from '../../src/signing/key-ring.ts'
import { createSealer } from '../../src/signing/sealer.ts'
import { newSecret, secretKey, standardSignature } from '../../src/signing/standard-webhooks.ts'

const issuer = 'https://doorbell.example'
const subscriptionId = 'sub_1'
const body = JSON.stringify({
  id: 'evt_1',
  type: 'visit.checked_in',
  timestamp: '2026-03-02T08:56:12Z',
  visitId: 'v',
  data: { note: 'é' },
})

const noRotation = { rotate: async () => false, forgetRetired: async () => 0 }
const memoryStore = () => {
  const keys: StoredKey[] = []
  return { load: async () => keys, insertFirst: async (key: StoredKey) => (keys.push(key), keys), ...noRotation }
}

const serve = async (t: ExecutionContext, listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A key ring with its key set served, a verifier, and the headers of a good request. */
const setUp = async (t: ExecutionContext) => {
  const sealer = createSealer(new Uint8Array(32))
  const ring = await createKeyRing({ store: memoryStore(), sealer, issuer, now: Date.now })
  let fetches = 0
  const jwksUrl = await serve(t, (_, response) => ((fetches += 1), response.end(JSON.stringify(ring.jwks()))))
  const secret = newSecret()
  const verifier = createVerifier({ issuer, subscriptionId, jwksUrl, secret })
  const headersOf = async (change: Partial<Parameters<typeof ring.sign>[0]> = {}) => {
    const at = change.at ?? Date.now()
    const timestamp = Math.floor(at / 1_000)
    return {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(timestamp),
      'webhook-signature': standardSignature(secretKey(secret), 'evt_1', timestamp, body),
      'webhook-jws': await ring.sign({ eventId: 'evt_1', subscriptionId, attempt: 1, body, at, ...change }),
    }
  }
  return { ring, verifier, headersOf, secret, jwksUrl, fetches: () => fetches }
}

const refusal = async (verifier: Verifier, headers: Record<string, string>, raw: string = body) =>
  verifier.verify(headers, raw).then(
    () => 'accepted',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )

test('a good request is believed, and the key set is fetched once for many', async t => {
  const { verifier, headersOf, fetches } = await setUp(t)
  for (let count = 0; count < 5; count += 1)
    t.like(await verifier.verify(await headersOf(), body), { id: 'evt_1', data: { note: 'é' } })
  t.is(fetches(), 1)
})

test('what was altered, is old, is another’s, or is signed otherwise is not believed', async t => {
  const { verifier, headersOf, ring } = await setUp(t)
  const good = await headersOf()
  const header = (change: object) =>
    Buffer.from(JSON.stringify({ ...protectedHeader(good['webhook-jws']), ...change })).toString('base64url')
  const signatureOf = (jws: string) => jws.split('.')[2] ?? ''
  const jws = good['webhook-jws']
  // RFC 8725 §2.1: the public key taken for an HMAC secret.
  const hmacHeader = header({ alg: 'HS256' })
  const publicKey = JSON.stringify(ring.jwks().keys[0])
  const confused = `${hmacHeader}..${createHmac('sha256', publicKey)
    .update(`${hmacHeader}.${Buffer.from(body).toString('base64url')}`)
    .digest('base64url')}`
  const cases: [string, Record<string, string>, string?][] = [
    ['wrong_signature', good, body.replace('"v"', '"w"')],
    ['wrong_audience', await headersOf({ subscriptionId: 'sub_2' })],
    ['too_old', await headersOf({ at: Date.now() - 600_000 })],
    ['too_old', await headersOf({ at: Date.now() + 600_000 })],
    ['wrong_event', await headersOf({ eventId: 'evt_2' })],
    ['unknown_key', { ...good, 'webhook-jws': `${header({ kid: 'nobody' })}..${signatureOf(jws)}` }],
    ['malformed_signature', { ...good, 'webhook-jws': `${header({ alg: 'none' })}..x` }],
    ['malformed_signature', { ...good, 'webhook-jws': confused }],
    ['malformed_signature', { ...good, 'webhook-jws': 'abc' }],
    ['wrong_signature', { ...good, 'webhook-signature': 'v1,AAAA' }],
    ['missing_header', { ...good, 'webhook-jws': '' }],
    ['missing_header', { ...good, 'webhook-id': '' }],
  ]
  for (const [code, headers, raw] of cases) t.is(await refusal(verifier, headers, raw), code)
  const other = createVerifier({ issuer: 'https://other.example', subscriptionId, jwksUrl: `${issuer}/none` })
  t.is(await refusal(other, good), 'keys_unavailable')
})

const protectedHeader = (jws: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>

test('a key that is published later is found, since an unknown key id fetches the set again', async t => {
  const sealer = createSealer(new Uint8Array(32))
  const [before, after] = [
    await createKeyRing({ store: memoryStore(), sealer, issuer, now: Date.now }),
    await createKeyRing({ store: memoryStore(), sealer, issuer, now: Date.now }),
  ]
  let current = before
  const jwksUrl = await serve(t, (_, response) => response.end(JSON.stringify(current.jwks())))
  const verifier = createVerifier({ issuer, subscriptionId, jwksUrl, keyFetchCooldownS: 0 })
  const claims = { eventId: 'evt_1', subscriptionId, attempt: 1, body, at: Date.now() }
  t.is(await refusal(verifier, { 'webhook-id': 'evt_1', 'webhook-jws': await before.sign(claims) }), 'accepted')
  current = after
  t.is(await refusal(verifier, { 'webhook-id': 'evt_1', 'webhook-jws': await after.sign(claims) }), 'accepted')
})

test('during a rotation either secret is enough', t => {
  const [old, fresh] = [newSecret(), newSecret()]
  const timestamp = Math.floor(Date.now() / 1_000)
  const signature = [old, fresh].map(secret => standardSignature(secretKey(secret), 'a', timestamp, body)).join(' ')
  const request = { id: 'a', timestamp: String(timestamp), signature, body: Buffer.from(body) }
  t.notThrows(() => verifyHmac(old, request))
  t.notThrows(() => verifyHmac(fresh, request))
  t.throws(() => verifyHmac(newSecret(), request), { message: /no signature/ })
})

test('plain Node, Koa, Express and fetch handlers answer 204, repeat no event, refuse a bad one, and ask for a retry when the work fails', async t => {
  const { verifier, headersOf } = await setUp(t)
  for (const adapter of ['node', 'koa', 'express', 'express.raw', 'fetch'] as const) {
    const worked: string[] = []
    let broken = true
    const options = {
      verifier,
      seen: createSeenIds(),
      onEvent: ({ id }: { id: string }) => {
        if (broken) throw new Error('the database is away')
        worked.push(id)
      },
    }
    const app = express()
    if (adapter === 'express.raw') app.use(express.raw({ type: 'application/json' }))
    app.post('/', expressReceiver(options))
    const listeners = {
      node: nodeReceiver(options),
      koa: new Koa().use(koaReceiver(options)).callback(),
      express: app,
      'express.raw': app,
    }
    const handle = fetchReceiver(options)
    const url = adapter === 'fetch' ? issuer : await serve(t, listeners[adapter] as RequestListener)
    const post = async (raw: string) => {
      const headers = { ...(await headersOf()), 'content-type': 'application/json' }
      const request = new Request(url, { method: 'POST', headers, body: raw })
      return (await (adapter === 'fetch' ? handle(request) : fetch(request))).status
    }
    t.is(await post(body), 500, adapter)
    broken = false
    t.deepEqual([await post(body), await post(body), await post(body.replace('"v"', '"w"'))], [204, 204, 401], adapter)
    t.deepEqual(worked, ['evt_1'], adapter)
  }
})

test('a replay is worked on although its event was seen, and only the signature can say that it is one', async t => {
  const { verifier, headersOf } = await setUp(t)
  const worked: unknown[] = []
  const url = await serve(
    t,
    nodeReceiver({
      verifier,
      seen: createSeenIds(),
      onEvent: event => void worked.push([event.id, event.replay, event.test]),
    }),
  )
  for (const kind of [{}, {}, { kind: 'replay' }, { kind: 'test' }] as const) {
    const headers = { ...(await headersOf(kind)), 'content-type': 'application/json', 'webhook-replay': 'true' }
    t.is((await fetch(url, { method: 'POST', headers, body })).status, 204)
  }
  t.deepEqual(worked, [
    ['evt_1', undefined, undefined],
    ['evt_1', true, undefined],
  ])
})

test('a token of another type is refused although it is signed with a published key', async t => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const key = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }
  const jwksUrl = await serve(t, (_, response) => response.end(JSON.stringify({ keys: [key] })))
  const verifier = createVerifier({ issuer, subscriptionId, jwksUrl })
  const claims = { iss: issuer, aud: subscriptionId, iat: Math.floor(Date.now() / 1_000), eid: 'evt_1', att: 1 }
  const codeOf = async (type: object) => {
    const header = { alg: 'ES256', kid: 'k', ...type, ...claims }
    const jws = await new FlattenedSign(Buffer.from(body)).setProtectedHeader(header).sign(privateKey)
    return refusal(verifier, { 'webhook-id': 'evt_1', 'webhook-jws': `${jws.protected}..${jws.signature}` })
  }
  t.deepEqual(
    [await codeOf({ typ: 'webhook+jws' }), await codeOf({ typ: 'JWT' }), await codeOf({})],
    ['accepted', 'malformed_signature', 'malformed_signature'],
  )
})

test('an empty secret verifies nothing: its signature could be anybody’s', t => {
  const timestamp = Math.floor(Date.now() / 1_000)
  const signature = standardSignature(createSecretKey(Buffer.alloc(0)), 'a', timestamp, body)
  const request = { id: 'a', timestamp: String(timestamp), signature, body: Buffer.from(body) }
  for (const secret of ['', 'whsec_', 'whsec_c2hvcnQ=']) {
    t.throws(() => verifyHmac(secret, request), { instanceOf: RangeError })
    t.throws(() => createVerifier({ issuer, subscriptionId, secret }), { instanceOf: RangeError })
  }
})

test('a body that cannot be read is told to onError under Koa too', async t => {
  const { verifier, headersOf } = await setUp(t)
  const errors: string[] = []
  const app = new Koa()
  app.silent = true
  app.use(koaReceiver({ verifier, onEvent: () => undefined, onError: error => errors.push(String(error)) }))
  const handle = app.callback()
  const url = await serve(t, (incoming, outgoing) => void handle(incoming, outgoing))
  const request = { method: 'POST', headers: await headersOf(), body: 'x'.repeat(2 * 1024 * 1024) }
  // Whether the answer arrives or the connection ends first is up to the sockets.
  await fetch(url, request).catch(() => undefined)
  t.true(errors[0]?.includes('larger than any webhook'))
})

test('a body that a parser has read is named as the fault', async t => {
  const { verifier, headersOf } = await setUp(t)
  const app = express()
  app.use(express.json())
  const errors: string[] = []
  app.post('/', expressReceiver({ verifier, onEvent: () => undefined, onError: error => errors.push(String(error)) }))
  const url = await serve(t, app as RequestListener)
  const { status } = await fetch(url, {
    method: 'POST',
    headers: { ...(await headersOf()), 'content-type': 'application/json' },
    body,
  })
  t.is(status, 500)
  t.true(errors[0]?.includes('before any body parser'))
})

test('seen ids are forgotten after their time, and the oldest when there are too many', t => {
  let now = 0
  const seen = createSeenIds({ capacity: 2, ttlMs: 10, now: () => now })
  for (const id of ['a', 'b', 'c']) void seen.add(id)
  t.deepEqual(
    ['a', 'b', 'c'].map(id => seen.has(id)),
    [false, true, true],
  )
  now = 11
  t.is(seen.has('c'), false)
})

test('a sealed secret opens with its key only', async t => {
  const sealed = await createSealer(new Uint8Array(32)).seal('secret')
  t.is(await createSealer(new Uint8Array(32)).open(sealed), 'secret')
  await t.throwsAsync(createSealer(new Uint8Array(32).fill(1)).open(sealed), { message: /DOORBELL_ENCRYPTION_KEY/ })
})

test('another issuer is refused although its key is known', async t => {
  const { ring, jwksUrl } = await setUp(t)
  const verifier = createVerifier({ issuer: 'https://other.example', subscriptionId, jwksUrl })
  const jws = await ring.sign({ eventId: 'evt_1', subscriptionId, attempt: 1, body, at: Date.now() })
  t.is(await refusal(verifier, { 'webhook-id': 'evt_1', 'webhook-jws': jws }), 'wrong_issuer')
})

test('an event that arrives again while it is worked on waits for its turn, and is then not repeated', async t => {
  const { verifier, headersOf } = await setUp(t)
  const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let worked = 0
  const onEvent = () => ((worked += 1), begun.resolve(), end.promise)
  const handle = fetchReceiver({ verifier, seen: createSeenIds(), onEvent })
  const post = async () => handle(new Request(issuer, { method: 'POST', headers: await headersOf(), body }))
  const first = post()
  await begun.promise
  const again = await post()
  t.deepEqual([again.status, again.headers.get('retry-after')], [503, '5'])
  end.resolve()
  t.deepEqual([(await first).status, (await post()).status, worked], [204, 204, 1])
})

test('known keys stay known while the key set cannot be fetched; a key that is not known asks for a retry', async t => {
  const sealer = createSealer(new Uint8Array(32))
  const ring = () => createKeyRing({ store: memoryStore(), sealer, issuer, now: Date.now })
  const [known, unknown] = [await ring(), await ring()]
  let away = false
  const jwksUrl = await serve(t, (_, response) =>
    away ? response.writeHead(502).end() : response.end(JSON.stringify(known.jwks())),
  )
  const verifier = createVerifier({ issuer, subscriptionId, jwksUrl, keyFetchCooldownS: 0 })
  const claims = { eventId: 'evt_1', subscriptionId, attempt: 1, body, at: Date.now() }
  const signedBy = async ({ sign }: typeof known) =>
    refusal(verifier, { 'webhook-id': 'evt_1', 'webhook-jws': await sign(claims) })
  t.is(await signedBy(known), 'accepted')
  away = true
  t.deepEqual([await signedBy(unknown), await signedBy(known)], ['keys_unavailable', 'accepted'])
})

test('a signature that names no key is refused, and does not look like keys that cannot be fetched', async t => {
  const { verifier, headersOf } = await setUp(t)
  const headers = await headersOf()
  const [protectedPart = '', , signature = ''] = headers['webhook-jws'].split('.')
  const { kid: _, ...header } = JSON.parse(Buffer.from(protectedPart, 'base64url').toString()) as { kid: string }
  const unnamed = `${Buffer.from(JSON.stringify(header)).toString('base64url')}..${signature}`
  t.is(await refusal(verifier, { ...headers, 'webhook-jws': unnamed }), 'malformed_signature')
})

test('an onError that fails itself costs nobody an answer', async t => {
  const { verifier } = await setUp(t)
  const onError = () => {
    throw new Error('the log is full')
  }
  const url = await serve(t, nodeReceiver({ verifier, onEvent: () => undefined, onError }))
  t.is((await fetch(url, { method: 'POST', body })).status, 401)
})

test('made-up key ids fetch the key set once in a while, not each time', async t => {
  const { verifier, headersOf, fetches } = await setUp(t)
  const good = await headersOf()
  const [, , signature = ''] = good['webhook-jws'].split('.')
  for (let count = 0; count < 20; count += 1) {
    const header = { ...protectedHeader(good['webhook-jws']), kid: `made-up-${count}` }
    const jws = `${Buffer.from(JSON.stringify(header)).toString('base64url')}..${signature}`
    t.is(await refusal(verifier, { ...good, 'webhook-jws': jws }), 'unknown_key')
  }
  t.is(fetches(), 1)
  t.is(await refusal(verifier, good), 'accepted')
})

test('whatever bit of the body or the signed header is another, it is not believed', async t => {
  const { verifier, headersOf } = await setUp(t)
  const good = await headersOf()
  const bytes = Buffer.from(body)
  const [protectedPart = '', , signature = ''] = good['webhook-jws'].split('.')
  const header = Buffer.from(protectedPart, 'base64url')
  const flipped = (of: Buffer, bit: number) => {
    const copy = Buffer.from(of)
    copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    return copy
  }
  const isRefused = async (headers: Record<string, string>, raw: Uint8Array) =>
    verifier.verify(headers, raw).then(
      () => false,
      (error: unknown) => error instanceof VerificationError && error.code !== 'keys_unavailable',
    )
  const bitOf = (of: Buffer) => fc.nat({ max: of.length * 8 - 1 })
  const property = fc.asyncProperty(bitOf(bytes), bitOf(header), async (inBody, inHeader) => {
    const jws = `${flipped(header, inHeader).toString('base64url')}..${signature}`
    return (await isRefused(good, flipped(bytes, inBody))) && isRefused({ ...good, 'webhook-jws': jws }, bytes)
  })
  await t.notThrowsAsync(fc.assert(property, { numRuns: 200 }))
})

test('headers are found in any case, and in the Headers of fetch', async t => {
  const { verifier, headersOf } = await setUp(t)
  const headers = await headersOf()
  const entries = Object.entries(headers)
  const capitals = entries.map(([name, value]) => [name.replace(/^w|-\w/g, letter => letter.toUpperCase()), value])
  t.is(await refusal(verifier, Object.fromEntries(capitals) as Record<string, string>), 'accepted')
  t.is((await verifier.verify(new Headers(headers), body)).id, 'evt_1')
})

test('a wrong option is named at the start', t => {
  const good = { issuer, subscriptionId }
  for (const [options, named] of [
    [{ ...good, issuer: '' }, /issuer/],
    [{ ...good, subscriptionId: '' }, /subscriptionId/],
    [{ ...good, toleranceS: Number.NaN }, /toleranceS/],
  ] as const)
    t.throws(() => createVerifier(options), { instanceOf: RangeError, message: named })
})

test('what is too large is answered 413, and what is no POST 405', async t => {
  const { verifier, headersOf } = await setUp(t)
  const url = await serve(t, nodeReceiver({ verifier, onEvent: () => undefined }))
  const headers = { ...(await headersOf()), 'content-length': String(2 * 1024 * 1024) }
  const answered = new Promise<number | undefined>((resolve, reject) => {
    // Only the head is sent: the answer does not wait for the rest.
    const sent = open(url, { method: 'POST', headers }, response => (resolve(response.statusCode), sent.destroy()))
    sent.on('error', reject).flushHeaders()
  })
  t.is(await answered, 413)
  t.is((await fetch(url)).status, 405)
})
