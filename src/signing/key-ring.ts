import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  FlattenedSign,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose'
import type { DeliveryKind } from '../domain/delivery.ts'
import type { StoredKey } from '../domain/signing-key.ts'
import type { EpochMs } from '../domain/time.ts'
import type { Sealer } from './sealer.ts'

export interface KeyStore {
  load(): Promise<readonly StoredKey[]>
  /** Inserts unless a key of this use exists; answers with what is stored then. */
  insertFirst(key: StoredKey): Promise<readonly StoredKey[]>
}

/** What one signature says. */
export interface Claims {
  readonly eventId: string
  /** The audience: an event signed for one subscription is worth nothing at another. */
  readonly subscriptionId: string
  readonly attempt: number
  /** The bytes of the request body, as text. */
  readonly body: string
  readonly at: EpochMs
  /** Of what is not the first delivery of an event. */
  readonly kind?: DeliveryKind
}

export interface KeyRing {
  /** The public keys: current, next and retired (RFC 7517). */
  jwks(): { readonly keys: readonly JWK[] }
  /** A detached JWS `protected..signature` (RFC 7515 appendix F) over the body as ordinary base64url payload. */
  sign(claims: Claims): Promise<string>
}

/** `typ` of the protected header (RFC 7515 §4.1.9), so that no other token of ours can be taken for a webhook. */
export const jwsType = 'webhook+jws'

/** Opens the stored keys, after making a first current and a first next one in an empty store. */
export const createKeyRing = async (deps: {
  readonly store: KeyStore
  readonly sealer: Sealer
  readonly issuer: string
  readonly now: () => EpochMs
}): Promise<KeyRing> => {
  const { store, sealer, issuer } = deps
  let stored = await store.load()
  for (const use of ['current', 'next'] as const) {
    if (!stored.some(key => key.use === use)) stored = await store.insertFirst(await makeKey(sealer, use, deps.now()))
  }
  const current = stored.find(key => key.use === 'current')
  if (current === undefined) throw new Error('The key store holds no current signing key.')
  const privateKey = (await importJWK(
    JSON.parse(await sealer.open(current.sealedPrivateJwk)) as JWK,
    current.alg,
  )) as CryptoKey
  const keys = stored.map(({ kid, alg, publicJwk }): JWK => ({ ...publicJwk, kid, alg, use: 'sig' }))
  const { kid, alg } = current

  return {
    jwks: () => ({ keys }),
    sign: async ({ eventId, subscriptionId, attempt, body, at, kind }) => {
      const header = {
        alg,
        kid,
        typ: jwsType,
        iss: issuer,
        aud: subscriptionId,
        iat: Math.floor(at / 1_000),
        // Private header parameters (RFC 7515 §4.3): which event, which attempt at it, and whether it is a replay or a test.
        eid: eventId,
        att: attempt,
        ...(kind === undefined ? {} : { [kind]: true }),
      }
      const jws = await new FlattenedSign(Buffer.from(body)).setProtectedHeader(header).sign(privateKey)
      return `${jws.protected ?? ''}..${jws.signature}`
    },
  }
}

const makeKey = async (sealer: Sealer, use: 'current' | 'next', now: EpochMs): Promise<StoredKey> => {
  const alg = 'ES256'
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  return {
    kid: await calculateJwkThumbprint(publicJwk),
    alg,
    use,
    publicJwk: { ...publicJwk },
    sealedPrivateJwk: await sealer.seal(JSON.stringify(await exportJWK(privateKey))),
    createdAt: now,
  }
}
