import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ExecutionContext } from 'ava'
import { createVerifier, type Verifier } from 'doorbell/receiver'
import type { StoredKey } from '../../../src/domain/signing-key.ts'
import { createKeyRing } from '../../../src/signing/key-ring.ts'
import { createSealer } from '../../../src/signing/sealer.ts'
import { newSecret, secretKey, standardSignature } from '../../../src/signing/standard-webhooks.ts'

export const issuer = 'https://doorbell.example'
export const subscriptionId = 'sub_1'
export const body = JSON.stringify({
  id: 'evt_1',
  type: 'visit.checked_in',
  timestamp: '2026-03-02T08:56:12Z',
  visitId: 'v',
  data: { note: 'é' },
})

const noRotation = { rotate: async () => false, forgetRetired: async () => 0 }
export const memoryStore = () => {
  const keys: StoredKey[] = []
  return { load: async () => keys, insertFirst: async (key: StoredKey) => (keys.push(key), keys), ...noRotation }
}

/** Serves requests on a free port for one test, and returns its address. */
export const serve = async (t: ExecutionContext, listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A key ring whose key set is served, a verifier for it, and a function that makes the headers of an authentic request. */
export const setUp = async (t: ExecutionContext) => {
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

/** `accepted`, or the code of the rejection. */
export const refusal = async (verifier: Verifier, headers: Record<string, string>, raw: string = body) =>
  verifier.verify(headers, raw).then(
    () => 'accepted',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )

/** The protected header of a JWS. */
export const protectedHeader = (jws: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>
