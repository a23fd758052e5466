import { createHmac, generateKeyPairSync } from 'node:crypto'
import { mock } from 'node:test'
import { FlattenedSign, type JWK } from 'jose'

/** Webhooks as Doorbell signs them, for tests of the receiver kit. Nothing leaves the process: `serveKeys` replaces `fetch`. */
export const issuer = 'https://doorbell.example'
export const subscriptionId = 'sub_1'
export const secret = 'whsec_C61bZiS3LpQY/t17iUZQyN650uO34Dttbh2evtBr+pk='
export const startMs = 1_772_441_772_000

export const event = {
  id: 'evt_1',
  type: 'visit.checked_in',
  timestamp: '2026-03-02T08:56:12Z',
  visitId: 'visit-1',
  data: { note: 'é' },
}

export interface SigningKey {
  readonly jwk: JWK
  readonly sign: (header: object, body: string | Uint8Array) => Promise<string>
}

export const signingKey = (kid: string, alg: 'ES256' | 'ES384' | 'Ed25519' = 'ES256'): SigningKey => {
  const { publicKey, privateKey } =
    alg === 'Ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: alg === 'ES256' ? 'P-256' : 'P-384' })
  const sign = async (header: object, body: string | Uint8Array) => {
    const payload = new FlattenedSign(Buffer.from(body)).setProtectedHeader({ alg, kid, ...header })
    const { protected: first, signature } = await payload.sign(privateKey)
    return `${first}..${signature}`
  }
  return { jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }, sign }
}

export const hmacOf = (timestamp: number, body: string | Uint8Array, key = secret, id = event.id): string =>
  `v1,${createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest('base64')}`

/** The headers of an authentic webhook, signed at `atMs`. `header` changes the signed header. */
export const headersOf = async (
  key: SigningKey,
  {
    atMs = Date.now(),
    body = JSON.stringify(event),
    header = {},
  }: { atMs?: number; body?: string | Uint8Array; header?: object } = {},
): Promise<Record<string, string>> => {
  const timestamp = Math.floor(atMs / 1_000)
  const claims = { typ: 'webhook+jws', iss: issuer, aud: subscriptionId, iat: timestamp, eid: event.id, att: 1 }
  return {
    'webhook-id': event.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': hmacOf(timestamp, body),
    'webhook-jws': await key.sign({ ...claims, ...header }, body),
  }
}

export interface ServedKeys {
  keys: readonly JWK[]
  /** What happens instead of an answer with the keys. */
  answer: (() => Response | Promise<Response>) | null
  /** The addresses that were asked for, one for each fetch. */
  readonly asked: string[]
}

/** Stands for the network: each fetch is answered with these keys, or as the test says. `mock.reset()` ends it. */
export const serveKeys = (...keys: readonly SigningKey[]): ServedKeys => {
  const served: ServedKeys = { keys: keys.map(({ jwk }) => jwk), answer: null, asked: [] }
  mock.method(globalThis, 'fetch', async (url: string | URL) => {
    served.asked.push(String(url))
    return served.answer?.() ?? Response.json({ keys: served.keys })
  })
  return served
}
