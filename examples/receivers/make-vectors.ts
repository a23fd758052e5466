/**
 * `node examples/receivers/make-vectors.ts` writes vectors.json: requests that a receiver must accept or refuse, each with the time at which to judge it.
 * The private keys are public, so they must not be used for anything else. ES256 signatures differ from run to run.
 */
import { createHmac, createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Vector {
  readonly name: string
  /** The time at which to judge the request, seconds since 1970. */
  readonly now: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly verdict: 'accepted' | 'refused'
  /** The signature that is wrong. A receiver that verifies only one of the two refuses the requests in which that one, or both, are wrong. */
  readonly fault?: 'jws' | 'hmac' | 'both'
  /** The code with which the receiver kit rejects the request. */
  readonly code?: string
}

type Parts = Readonly<Record<string, unknown>>

const issuer = 'https://doorbell.example'
const subscriptionId = 'sub_01KE4W2V8Y0000000000000000'
const secret = 'whsec_C61bZiS3LpQY/t17iUZQyN650uO34Dttbh2evtBr+pk='
const otherSecret = 'whsec_g8qGHagKVg90poNW0DVlTVVCDIkKhHEEiSeEuALWQUA='
const id = 'evt_01KE4W2V8Y0000000000000001'
const now = 1_772_441_772
const tolerance = 300

const es256 = privateKey({
  kty: 'EC',
  crv: 'P-256',
  x: 'Bp4vh9eGrNxhUq5KjQPPi4dpr1uSl08rJvE1lL4VS7I',
  y: '2IaeZK0w-Q1SqZjsE0-5b0fgR9C6vm08o_iHH1YUfqg',
  d: 'T7Zh1WOWElMfxg1ReS-EMM1mNxCAV7HuKrWzr_wxyfY',
})
const ed25519 = privateKey({
  kty: 'OKP',
  crv: 'Ed25519',
  x: 'Z6LgJVdnrc4ZZrav-mIuoUTrc8oScIXnzIVJ46i3FM0',
  d: 'CVAHa72qZv2Jo146n6D_QhxqS9ySd4zwbePJOLdZPP8',
})
/** A key that is not in the key set. */
const stranger = privateKey({
  kty: 'EC',
  crv: 'P-256',
  x: 'mYCFn471TjMxRXVZUxukOXivpONPg7djw7Kul7RLjW4',
  y: 'gpajIudIoRbUcMQGzUY94-PT9BmEFVqjWELjGzD93Lk',
  d: 'NhOwEvYWQT3Ew5H_6k29k81Hw8_vaP998vkgx7SmVNU',
})
const jwks = {
  keys: [
    { ...publicJwk(es256), kid: 'es256-1', alg: 'ES256', use: 'sig' },
    { ...publicJwk(ed25519), kid: 'ed25519-1', alg: 'Ed25519', use: 'sig' },
  ],
}

const body = JSON.stringify({
  id,
  type: 'visit.checked_in',
  timestamp: '2026-03-02T08:56:12Z',
  visitId: 'visit-4711',
  sequence: 12,
  data: {
    visitor: { id: 'visitor-81', firstName: 'Zoë', lastName: 'Müller' },
    host: { id: 'host-7', name: 'Tom Peeters' },
    site: 'brussels-hq',
    checkedInAt: '2026-03-02T08:56:12Z',
  },
})

function privateKey(jwk: JsonWebKey): KeyObject {
  return createPrivateKey({ key: jwk, format: 'jwk' })
}
function publicJwk(key: KeyObject): JsonWebKey {
  return createPublicKey(key).export({ format: 'jwk' })
}
const base64url = (text: string | Uint8Array): string => Buffer.from(text).toString('base64url')

const claims = (change: Parts = {}): Parts => ({
  alg: 'ES256',
  kid: 'es256-1',
  typ: 'webhook+jws',
  iss: issuer,
  aud: subscriptionId,
  iat: now,
  eid: id,
  att: 1,
  ...change,
})
type Signer = (input: string) => Uint8Array
const byEs256 =
  (key: KeyObject, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): Signer =>
  input =>
    sign('sha256', Buffer.from(input), { key, dsaEncoding })
const byEd25519: Signer = input => sign(null, Buffer.from(input), ed25519)
const byHmac =
  (key: string): Signer =>
  input =>
    createHmac('sha256', key).update(input).digest()

const jwsOf = (header: Parts, signer: Signer = byEs256(es256), over = body): string => {
  const first = base64url(JSON.stringify(header))
  return `${first}..${base64url(signer(`${first}.${base64url(over)}`))}`
}
const hmacOf = (timestamp: number, key = secret, over = body): string =>
  `v1,${createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
    .update(`${id}.${timestamp}.${over}`)
    .digest('base64')}`

const headersOf = (change: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  'content-type': 'application/json',
  'webhook-id': id,
  'webhook-timestamp': String(now),
  'webhook-signature': hmacOf(now),
  'webhook-jws': jwsOf(claims()),
  'webhook-attempt': '1',
  ...change,
})

const accepted = (name: string, change: Readonly<Record<string, string>> = {}, at = now): Vector => ({
  name,
  now: at,
  headers: headersOf(change),
  body,
  verdict: 'accepted',
})
const refused = (
  fault: 'jws' | 'hmac' | 'both',
  code: string,
  name: string,
  change: Readonly<Record<string, string>> = {},
  { sent = body, at = now } = {},
): Vector => ({ name, now: at, headers: headersOf(change), body: sent, verdict: 'refused', fault, code })

const jws = (code: string, name: string, header: string): Vector =>
  refused('jws', code, name, { 'webhook-jws': header })
const hmac = (code: string, name: string, signature: string, timestamp = now): Vector =>
  refused('hmac', code, name, { 'webhook-signature': signature, 'webhook-timestamp': String(timestamp) })

const without = (name: string): Parts => Object.fromEntries(Object.entries(claims()).filter(([key]) => key !== name))
const altered = body.replace('visit-4711', 'visit-4712')
const good = jwsOf(claims())
const [protectedPart = '', , signaturePart = ''] = good.split('.')
const hs256 = claims({ alg: 'HS256' })
/** 64 KiB of data. Some libraries refuse that much by default. */
const largestBody = JSON.stringify({ ...(JSON.parse(body) as object), data: { note: 'é'.repeat(32 * 1024 - 6) } })
const largestHeaders = {
  'webhook-signature': hmacOf(now, secret, largestBody),
  'webhook-jws': jwsOf(claims(), byEs256(es256), largestBody),
}
const publicPem = createPublicKey(es256).export({ type: 'spki', format: 'pem' }) as string

export const vectors: readonly Vector[] = [
  accepted('ES256'),
  accepted('Ed25519', { 'webhook-jws': jwsOf(claims({ alg: 'Ed25519', kid: 'ed25519-1' }), byEd25519) }),
  accepted('a secret in rotation: two signatures, of which the second is right', {
    'webhook-signature': `${hmacOf(now, otherSecret)} ${hmacOf(now)}`,
  }),
  accepted('a signature of an unknown version beside the right one', {
    'webhook-signature': `v9,AAAA ${hmacOf(now)}`,
  }),
  accepted('a third attempt', { 'webhook-attempt': '3', 'webhook-jws': jwsOf(claims({ att: 3 })) }),
  accepted('a replay', { 'webhook-replay': 'true', 'webhook-jws': jwsOf(claims({ replay: true })) }),
  { ...accepted('the largest body', largestHeaders), body: largestBody },
  accepted('a header with an unknown claim', { 'webhook-jws': jwsOf(claims({ news: 1 })) }),
  accepted('signed as long ago as the tolerance allows', {}, now + tolerance),
  accepted('a clock that is as slow as the tolerance allows', {}, now - tolerance),

  refused('both', 'wrong_signature', 'the body was altered', {}, { sent: altered }),
  refused(
    'both',
    'wrong_signature',
    'the body was parsed and serialized again',
    {},
    { sent: JSON.stringify(JSON.parse(body), null, 1) },
  ),
  refused('both', 'wrong_event', 'another id in webhook-id', { 'webhook-id': 'evt_01KE4W2V8Y0000000000000002' }),
  refused('both', 'too_old', 'an old request sent again', {}, { at: now + tolerance + 1 }),
  refused('both', 'too_old', 'a request from the future', {}, { at: now - tolerance - 1 }),

  jws('wrong_audience', 'for another subscription', jwsOf(claims({ aud: 'sub_01KE4W2V8Y0000000000000009' }))),
  jws('wrong_audience', 'without a subscription', jwsOf(without('aud'))),
  jws('wrong_issuer', 'from another issuer', jwsOf(claims({ iss: 'https://doorbell.example.net' }))),
  jws('wrong_issuer', 'without an issuer', jwsOf(without('iss'))),
  jws('too_old', 'an old iat', jwsOf(claims({ iat: now - tolerance - 1 }))),
  jws('too_old', 'an iat in the future', jwsOf(claims({ iat: now + tolerance + 1 }))),
  jws('too_old', 'no iat', jwsOf(without('iat'))),
  jws('too_old', 'an iat that is a string', jwsOf(claims({ iat: String(now) }))),
  jws('wrong_event', 'the signature of another event', jwsOf(claims({ eid: 'evt_01KE4W2V8Y0000000000000002' }))),
  jws('malformed_signature', 'another typ', jwsOf(claims({ typ: 'JWT' }))),
  jws('malformed_signature', 'no typ', jwsOf(without('typ'))),
  jws('unknown_key', 'an unknown key id', jwsOf(claims({ kid: 'unknown' }), byEs256(stranger))),
  jws('wrong_signature', 'signed with another key', jwsOf(claims(), byEs256(stranger))),
  jws(
    'wrong_signature',
    'signed with a key that is part of the header',
    jwsOf(claims({ jwk: publicJwk(stranger) }), byEs256(stranger)),
  ),
  jws('unknown_key', 'the algorithm of one key, the id of another', jwsOf(claims({ alg: 'Ed25519' }), byEd25519)),
  jws('wrong_signature', 'an ES256 signature in DER', jwsOf(claims(), byEs256(es256, 'der'))),
  jws(
    'malformed_signature',
    'alg none, without a signature',
    `${base64url(JSON.stringify(claims({ alg: 'none' })))}..`,
  ),
  jws('malformed_signature', 'alg none, with a signature', jwsOf(claims({ alg: 'none' }))),
  jws('malformed_signature', 'HS256 with the public key as PEM', jwsOf(hs256, byHmac(publicPem))),
  jws('malformed_signature', 'HS256 with the public key as JWK', jwsOf(hs256, byHmac(JSON.stringify(jwks.keys[0])))),
  jws('malformed_signature', 'an unknown critical header', jwsOf(claims({ crit: ['news'], news: 1 }))),
  // The HMAC is right, so a receiver that verifies both must refuse the request because of the JWS.
  refused(
    'jws',
    'malformed_signature',
    'the signed body attached to the signature, and another body in the request',
    {
      'webhook-jws': `${protectedPart}.${base64url(body)}.${signaturePart}`,
      'webhook-signature': hmacOf(now, secret, altered),
    },
    { sent: altered },
  ),
  refused(
    'jws',
    'wrong_signature',
    'the body was altered, and its HMAC recomputed',
    { 'webhook-signature': hmacOf(now, secret, altered) },
    { sent: altered },
  ),
  jws('malformed_signature', 'cut off after the header', `${protectedPart}..`),
  jws('wrong_signature', 'cut off within the signature', good.slice(0, -20)),
  jws('malformed_signature', 'one part too many', `${good}.${signaturePart}`),
  jws('malformed_signature', 'a header that is not JSON', `${base64url('{"alg":"ES256"')}..${signaturePart}`),
  jws('malformed_signature', 'text that is not a signature', 'hello'),
  jws('missing_header', 'an empty webhook-jws', ''),

  hmac('wrong_signature', 'HMAC: another secret', hmacOf(now, otherSecret)),
  hmac('wrong_signature', 'HMAC: over another body', hmacOf(now, secret, altered)),
  hmac('wrong_signature', 'HMAC: cut off', hmacOf(now).slice(0, -6)),
  hmac('wrong_signature', 'HMAC: an unknown version', hmacOf(now).replace('v1,', 'v9,')),
  hmac('wrong_signature', 'HMAC: another timestamp than the signed one', hmacOf(now), now + 1),
  hmac('too_old', 'HMAC: an old timestamp', hmacOf(now - tolerance - 1), now - tolerance - 1),
  hmac('too_old', 'HMAC: a timestamp in the future', hmacOf(now + tolerance + 1), now + tolerance + 1),
  hmac('missing_header', 'HMAC: an empty webhook-signature', ''),
  refused('hmac', 'malformed_signature', 'HMAC: a timestamp that is not a number', { 'webhook-timestamp': 'now' }),
]

export const content = { issuer, subscriptionId, secret, toleranceS: tolerance, jwks, vectors }

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'vectors.json'), `${JSON.stringify(content, null, 2)}\n`)
