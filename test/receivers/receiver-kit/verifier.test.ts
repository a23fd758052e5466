import { createHmac } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { createVerifier, VerificationError } from 'doorbell/receiver'
import { issuer, subscriptionId, body, setUp, refusal, protectedHeader } from './setup.ts'

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
