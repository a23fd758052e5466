import { createHmac } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { exportJWK, FlattenedSign, generateKeyPair } from 'jose'
import { createVerifier, VerificationError } from 'doorbell/receiver'
import { issuer, subscriptionId, body, serve, setUp, refusal, protectedHeader } from './setup.ts'

test('an authentic request is accepted, and the key set is fetched once for many requests', async t => {
  const { verifier, headersOf, fetches } = await setUp(t)
  for (let count = 0; count < 5; count += 1)
    t.like(await verifier.verify(await headersOf(), body), { id: 'evt_1', data: { note: 'é' } })
  t.is(fetches(), 1)
})

test('a request that is altered, old, for another subscription or signed differently is rejected', async t => {
  const { verifier, headersOf, ring } = await setUp(t)
  const good = await headersOf()
  const header = (change: object) =>
    Buffer.from(JSON.stringify({ ...protectedHeader(good['webhook-jws']), ...change })).toString('base64url')
  const signatureOf = (jws: string) => jws.split('.')[2] ?? ''
  const jws = good['webhook-jws']
  // RFC 8725 §2.1: the public key used as an HMAC secret.
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
    ['unknown_key', { ...good, 'webhook-jws': `${header({ kid: 'unknown' })}..${signatureOf(jws)}` }],
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

test('a token of another type is rejected although it is signed with a published key', async t => {
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

test('a signature of another issuer is rejected although its key is known', async t => {
  const { ring, jwksUrl } = await setUp(t)
  const verifier = createVerifier({ issuer: 'https://other.example', subscriptionId, jwksUrl })
  const jws = await ring.sign({ eventId: 'evt_1', subscriptionId, attempt: 1, body, at: Date.now() })
  t.is(await refusal(verifier, { 'webhook-id': 'evt_1', 'webhook-jws': jws }), 'wrong_issuer')
})

test('a request is rejected whichever bit of the body or the signed header is changed', async t => {
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
