import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import test from 'ava'
import { errors } from 'jose'
import type { content } from '../../examples/receivers/make-vectors.ts'
import { documentedTable, page } from '../../test/support/documented-table.ts'
import {
  event,
  headersOf,
  hmacOf,
  issuer,
  secret,
  serveKeys,
  signingKey,
  startMs,
  subscriptionId,
} from '../../test/support/signed-webhook.ts'
import { VerificationError } from './verification-error.ts'
import { createVerifier, type HeaderSource, type VerifierOptions } from './verifier.ts'

// The clock and `fetch` are replaced, so these tests run one after another.
test.beforeEach(() => mock.timers.enable({ apis: ['Date'], now: startMs }))
test.afterEach.always(() => mock.reset())

const documented = Object.fromEntries(
  documentedTable('docs/receivers.md', 'Options').map(([name = '', , , shown = '']) => [
    name,
    shown.replaceAll('`', ''),
  ]),
)
const tolerance = Number(documented['`toleranceS`'])
const cooldownMs = Number(documented['`keyFetchCooldownS`']) * 1_000

const body = JSON.stringify(event)
const key = signingKey('key')
const begin = (options: Partial<VerifierOptions> = {}) => {
  const served = serveKeys(key)
  const verifier = createVerifier({ issuer, subscriptionId, secret, ...options })
  /** The event, or the code and message of the rejection. */
  const judge = (headers: HeaderSource, raw: Uint8Array | string = body) =>
    verifier.verify(headers, raw).catch(({ code, message }: { code?: string; message: string }) => ({ code, message }))
  return { served, judge }
}

test.serial('each vector is accepted, or rejected with its code', async t => {
  const file = join(import.meta.dirname, '../../examples/receivers/vectors.json')
  const { jwks, vectors, toleranceS: _, ...known } = JSON.parse(readFileSync(file, 'utf8')) as typeof content
  t.true(vectors.length > 40)
  for (const { name, now, headers, body: raw, code } of vectors) {
    const { served, judge } = begin({ ...known, now: () => now * 1_000 })
    served.answer = () => Response.json(jwks)
    const judged = await judge(headers, raw)
    t.is('code' in judged ? judged.code : undefined, code, name)
    mock.restoreAll()
  }
})

test.serial('a verified webhook is its event, whether the body is bytes or text', async t => {
  const { judge } = begin()
  const headers = await headersOf(key)
  t.deepEqual(await judge(headers), event as never)
  t.deepEqual(await judge(headers, Buffer.from(body)), event as never)
})

test.serial('the marks of a replay, a test and a challenge come from the signed header alone', async t => {
  const marked = JSON.stringify({ ...event, replay: true, test: true, challenge: 'text' })
  const { judge } = begin()
  const judged = async (header: object, raw = marked) => judge(await headersOf(key, { body: raw, header }), raw)
  t.deepEqual(await judged({}), event as never)
  t.deepEqual(await judged({ replay: true }), { ...event, replay: true } as never)
  t.deepEqual(await judged({ test: true }), { ...event, test: true } as never)
  t.deepEqual(await judged({ verification: true }), { ...event, challenge: 'text' } as never)
  t.deepEqual(await judged({ replay: 'true', test: 1, verification: 'yes' }), event as never)
  const withNumber = JSON.stringify({ ...event, challenge: 7 })
  t.deepEqual(await judged({ verification: true }, withNumber), event as never)
})

test.serial(
  'headers are found in any case and in the Headers of fetch; a missing or repeated one is named',
  async t => {
    const { judge } = begin()
    const headers = await headersOf(key)
    const capitals = Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])
    t.like(await judge(Object.fromEntries(capitals) as Record<string, string>), { id: 'evt_1' })
    t.like(await judge(new Headers(headers)), { id: 'evt_1' })
    for (const name of Object.keys(headers))
      for (const value of [undefined, '', [headers[name] ?? '']])
        t.deepEqual(await judge({ ...headers, [name]: value }), {
          code: 'missing_header',
          message: `the header ${name} is missing`,
        } as never)
    const { 'webhook-id': _, ...rest } = headers
    t.like(await judge(new Headers(rest)), { code: 'missing_header' })
  },
)

test.serial('only ES256 and Ed25519 are accepted, whatever keys are published', async t => {
  for (const [alg, verdict] of [
    ['ES256', { id: 'evt_1' }],
    ['Ed25519', { id: 'evt_1' }],
    ['ES384', { code: 'malformed_signature', message: '"alg" (Algorithm) Header Parameter value not allowed' }],
  ] as const) {
    const own = signingKey('own', alg)
    const { served, judge } = begin()
    served.keys = [own.jwk]
    t.like(await judge(await headersOf(own)), verdict, alg)
    mock.restoreAll()
  }
})

test.serial(
  'a signature without a key id is rejected when several keys are published, and is not taken for keys that are away',
  async t => {
    const { served, judge } = begin()
    served.keys = [key.jwk, signingKey('other').jwk]
    t.like(await judge(await headersOf(key, { header: { kid: undefined } })), { code: 'malformed_signature' })
  },
)

test.serial('a rejection is an error with its name and, for the log, its cause', async t => {
  serveKeys(key)
  const verifier = createVerifier({ issuer, subscriptionId })
  const error = await t.throwsAsync(verifier.verify(await headersOf(key), 'other'), { instanceOf: VerificationError })
  t.is(error?.name, 'VerificationError')
  t.true(error?.cause instanceof errors.JWSSignatureVerificationFailed)
})

test.serial('without a secret, the JWS alone is verified', async t => {
  const { 'webhook-jws': jws = '' } = await headersOf(key)
  const headers = { 'webhook-id': 'evt_1', 'webhook-jws': jws }
  const served = serveKeys(key)
  const verifier = createVerifier({ issuer, subscriptionId })
  t.is((await verifier.verify(headers, body)).id, 'evt_1')
  t.is(served.asked.length, 1)
})

test.serial('a JWS has exactly three parts, the middle one empty', async t => {
  const { judge } = begin()
  const headers = await headersOf(key)
  const jws = headers['webhook-jws'] ?? ''
  const [first = '', , last = ''] = jws.split('.')
  for (const bad of ['x', `${first}.`, `${first}..`, `..${last}`, `${jws}.`, `${jws}.x`, `${first}.e30.${last}`])
    t.like(await judge({ ...headers, 'webhook-jws': bad }), {
      code: 'malformed_signature',
      message: 'webhook-jws does not have the form protected..signature',
    })
})

test.serial('a request is accepted within the tolerance of the clock, by default the one in receivers.md', async t => {
  t.true(page('docs/receivers.md').includes(`\`iat\` within ${tolerance / 60} minutes of your clock`))
  // The HMAC's time is right, so the signed header alone decides.
  const judged = async (options: Partial<VerifierOptions>, ageS: number) => {
    const headers = await headersOf(key, { header: { iat: startMs / 1_000 - ageS } })
    return 'code' in (await begin(options).judge(headers)) ? 'too_old' : 'accepted'
  }
  for (const [toleranceS, ageS, verdict] of [
    [undefined, tolerance, 'accepted'],
    [undefined, tolerance + 1, 'too_old'],
    [undefined, -tolerance, 'accepted'],
    [undefined, -tolerance - 1, 'too_old'],
    [60, 60, 'accepted'],
    [60, 61, 'too_old'],
  ] as const) {
    t.is(await judged(toleranceS === undefined ? {} : { toleranceS }, ageS), verdict, `${toleranceS} ${ageS}`)
    mock.restoreAll()
  }
})

test.serial('the tolerance and the clock of the options also judge the HMAC', async t => {
  const iat = startMs / 1_000
  const old = {
    ...(await headersOf(key)),
    'webhook-timestamp': String(iat - 61),
    'webhook-signature': hmacOf(iat - 61, body),
  }
  t.is('code' in (await begin().judge(old)), false)
  mock.restoreAll()
  t.like(await begin({ toleranceS: 60 }).judge(old), { code: 'too_old' })
  mock.restoreAll()
  const headers = await headersOf(key)
  t.like(await begin({ now: () => startMs + 301_000 }).judge(headers), { code: 'too_old' })
  mock.restoreAll()
  const [atMs, now] = [startMs + 9e9, () => startMs + 9e9]
  t.like(await begin({ now }).judge(await headersOf(key, { atMs })), { id: 'evt_1' })
})

test.serial('the rejection says what to look at', async t => {
  const { judge } = begin()
  const headers = await headersOf(key)
  const signed = async (header: object) => judge(await headersOf(key, { header }))
  for (const [judged, message] of [
    [judge(headers, `${body} `), /raw bytes, before any parser/],
    [
      signed({ iss: 'https://other.example' }),
      /signed by https:\/\/other\.example, not by https:\/\/doorbell\.example/,
    ],
    [signed({ aud: 'sub_2' }), /another subscription/],
    [signed({ iat: 0 }), /more than 300 s from now/],
    [signed({ eid: 'evt_2' }), /another event than webhook-id/],
    [signed({ kid: 'other' }), /key id is not in the key set/],
    [signed({ typ: 'JWT' }), /typ is not webhook\+jws/],
    [judge({ ...headers, 'webhook-signature': 'v1,AAAA' }), /webhook-signature/],
  ] as const)
    t.regex(((await judged) as { message?: string }).message ?? '', message)
})

test.serial('a signed body that is not JSON, or belongs to another event, is rejected', async t => {
  const { judge } = begin()
  const judged = async (raw: string) => judge(await headersOf(key, { body: raw }), raw)
  t.like(await judged('{'), { code: 'malformed_body', message: 'the body is not JSON' })
  for (const raw of ['null', '{}', '{"id":"evt_2"}'])
    t.like(await judged(raw), { code: 'wrong_event', message: 'the body belongs to another event than webhook-id' })
  // UTF-8 that is broken: the reader must not replace it.
  const bytes = Buffer.concat([Buffer.from('{"id":"evt_1","a":"'), Buffer.from([0xff]), Buffer.from('"}')])
  t.like(await judge(await headersOf(key, { body: bytes }), bytes), { code: 'malformed_body' })
})

test.serial(
  'the keys are those below the issuer, whose final slashes do not count, or at the address of the options',
  async t => {
    const { served, judge } = begin({ issuer: `${issuer}//` })
    t.like(await judge(await headersOf(key)), { id: 'evt_1' })
    t.deepEqual(served.asked, [documented['`jwksUrl`']?.replace('<issuer>', issuer)])
    mock.restoreAll()
    const other = begin({ jwksUrl: 'https://keys.example/set' })
    t.like(await other.judge(await headersOf(key)), { id: 'evt_1' })
    t.deepEqual(other.served.asked, ['https://keys.example/set'])
  },
)

test.serial(
  'invented key ids fetch the key set at most once in the cooldown, by default the one in receivers.md',
  async t => {
    for (const [options, ms] of [
      [{}, cooldownMs],
      [{ keyFetchCooldownS: 60 }, 60_000],
    ] as const) {
      const { served, judge } = begin(options)
      const invented = async (kid: string) => judge(await headersOf(signingKey(kid)))
      for (const kid of ['a', 'b', 'c']) t.like(await invented(kid), { code: 'unknown_key' })
      mock.timers.tick(ms - 1)
      t.like(await invented('d'), { code: 'unknown_key' })
      t.is(served.asked.length, 1)
      mock.timers.tick(1)
      t.like(await invented('e'), { code: 'unknown_key' })
      t.is(served.asked.length, 2)
      mock.restoreAll()
    }
  },
)

test.serial('a key set that does not answer in time says nothing about a request: it is to be sent again', async t => {
  const { served, judge } = begin()
  served.answer = () => Promise.reject(new DOMException('too slow', 'TimeoutError'))
  t.deepEqual(await judge(await headersOf(key)), {
    code: 'keys_unavailable',
    message: `the key set could not be fetched: check that this server can reach ${issuer}/.well-known/jwks.json`,
  })
})

test.serial('a parsed body in place of its bytes is named', async t => {
  const { judge } = begin()
  for (const parsed of [event, null, [1]])
    t.deepEqual(await judge(await headersOf(key), parsed as unknown as string), {
      code: 'body_already_read',
      message:
        'The body was read before the webhook was verified, and the signature covers its raw bytes. Pass its bytes or its text, not a parsed object.',
    })
})

test.serial('a wrong option is named at the start', t => {
  const good = { issuer, subscriptionId }
  t.notThrows(() => createVerifier({ ...good, toleranceS: 0.5, secret }))
  for (const [options, named] of [
    [{ ...good, issuer: '' }, /issuer is missing/],
    [{ ...good, subscriptionId: '' }, /subscriptionId is missing/],
    [{ ...good, secret: '' }, /secret is empty or too short/],
    [{ ...good, issuer: 'doorbell.example.com' }, /issuer must be the address of Doorbell/],
    [{ ...good, issuer: 'ftp://doorbell.example.com' }, /issuer must be the address of Doorbell/],
    [{ ...good, subscriptionId: 1 as unknown as string }, /subscriptionId must be a text/],
    [{ ...good, jwksUrl: '/jwks.json' }, /jwksUrl must be the address of the key set/],
    [{ ...good, secret: null as unknown as string }, /secret must be a text/],
    [{ ...good, keyFetchCooldownS: Number.NaN }, /keyFetchCooldownS/],
    [{ ...good, keyFetchCooldownS: -1 }, /keyFetchCooldownS/],
    [{ ...good, now: 1 as unknown as () => number }, /now must be a function/],
    [{ ...good, toleranceS: 0 }, /toleranceS/],
    [{ ...good, toleranceS: -1 }, /toleranceS/],
    [{ ...good, toleranceS: Number.NaN }, /toleranceS/],
    [{ ...good, toleranceS: Infinity }, /toleranceS/],
  ] as const)
    t.throws(() => createVerifier(options), { instanceOf: RangeError, message: named })
})
