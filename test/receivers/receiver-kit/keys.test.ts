import test from 'ava'
import { createVerifier } from 'doorbell/receiver'
import { createKeyRing } from '../../../src/signing/key-ring.ts'
import { createSealer } from '../../../src/signing/sealer.ts'
import { issuer, subscriptionId, body, memoryStore, serve, setUp, refusal, protectedHeader } from './setup.ts'

test('a key that is published later is found, because an unknown key id fetches the set again', async t => {
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

test('fetched keys stay valid while the key set cannot be fetched; an unknown key asks for a retry', async t => {
  const sealer = createSealer(new Uint8Array(32))
  const ring = () => createKeyRing({ store: memoryStore(), sealer, issuer, now: Date.now })
  const [known, unknown] = [await ring(), await ring()]
  let isAway = false
  const jwksUrl = await serve(t, (_, response) =>
    isAway ? response.writeHead(502).end() : response.end(JSON.stringify(known.jwks())),
  )
  const verifier = createVerifier({ issuer, subscriptionId, jwksUrl, keyFetchCooldownS: 0 })
  const claims = { eventId: 'evt_1', subscriptionId, attempt: 1, body, at: Date.now() }
  const signedBy = async ({ sign }: typeof known) =>
    refusal(verifier, { 'webhook-id': 'evt_1', 'webhook-jws': await sign(claims) })
  t.is(await signedBy(known), 'accepted')
  isAway = true
  t.deepEqual([await signedBy(unknown), await signedBy(known)], ['keys_unavailable', 'accepted'])
})

test('a signature without a key id is rejected, and not taken for a key set that cannot be fetched', async t => {
  const { verifier, headersOf } = await setUp(t)
  const headers = await headersOf()
  const [protectedPart = '', , signature = ''] = headers['webhook-jws'].split('.')
  const { kid: _, ...header } = JSON.parse(Buffer.from(protectedPart, 'base64url').toString()) as { kid: string }
  const unnamed = `${Buffer.from(JSON.stringify(header)).toString('base64url')}..${signature}`
  t.is(await refusal(verifier, { ...headers, 'webhook-jws': unnamed }), 'malformed_signature')
})

test('invented key ids do not fetch the key set each time', async t => {
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
