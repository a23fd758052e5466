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
import { Failure } from '../domain/failure.ts'
import {
  keepRetiredMs,
  signsSince,
  type SigningAlgorithm,
  signingAlgorithms,
  type StoredKey,
  usableAt,
} from '../domain/signing-key.ts'
import type { EpochMs } from '../domain/time.ts'
import type { Sealer } from './sealer.ts'

export interface KeyStore {
  load(): Promise<readonly StoredKey[]>
  /** Inserts a key unless one of its use exists. Returns the stored keys. */
  insertFirst(key: StoredKey): Promise<readonly StoredKey[]>
  /** Returns false when another process was first. */
  rotate(current: string, next: string, fresh: StoredKey, now: EpochMs): Promise<boolean>
  forgetRetired(before: EpochMs): Promise<number>
}

/** The content of one signature. */
export interface Claims {
  readonly eventId: string
  /** The audience, so that a signature for one subscription is not valid for another. */
  readonly subscriptionId: string
  readonly attempt: number
  /** The bytes of the request body, as text. */
  readonly body: string
  readonly at: EpochMs
  /** Set unless it is the first delivery of an event. */
  readonly kind?: DeliveryKind | 'verification'
}

/** A signing key as other parts may see it. */
export type PublicKey = Pick<
  StoredKey,
  'kid' | 'alg' | 'use' | 'publicJwk' | 'createdAt' | 'currentSince' | 'retiredAt'
>

export interface KeyRing {
  /** Returns the public keys: current, next and retired (RFC 7517). */
  jwks(): { readonly keys: readonly JWK[] }
  /** Returns a detached JWS `protected..signature` (RFC 7515 appendix F) over the body as ordinary base64url payload. */
  sign(claims: Claims): Promise<string>
  /** Returns every stored key without its private part. */
  keys(): readonly PublicKey[]
  /** Returns when the current key began to sign. */
  currentSince(): EpochMs
  /** Reads the stored keys again, since other processes may have rotated them. */
  refresh(): Promise<void>
  /** Makes the next key the current one. Throws Failure `conflict` while receivers may not know it, unless `force`. */
  rotate(force?: boolean): Promise<void>
  /** Removes keys that retired long ago. Returns their number. */
  forgetRetired(): Promise<number>
}

/** `typ` of the protected header (RFC 7515 §4.1.9), so that another token signed by Doorbell is not accepted as a webhook. */
export const jwsType = 'webhook+jws'

export interface KeyRingOptions {
  readonly store: KeyStore
  readonly sealer: Sealer
  readonly issuer: string
  readonly now: () => EpochMs
  /** The algorithm of new keys. */
  readonly alg?: SigningAlgorithm
}

/**
 * Decrypts the stored keys; in an empty store it creates the first current and the first next key. Throws CannotOpen when the sealer lacks the
 * encryption key of one that signs or will sign, so that this fails at the start and not at the rotation.
 */
export const createKeyRing = async ({
  store,
  sealer,
  issuer,
  now,
  alg = signingAlgorithms[0],
}: KeyRingOptions): Promise<KeyRing> => {
  let stored = await store.load()
  for (const use of ['current', 'next'] as const) {
    if (!stored.some(key => key.use === use)) stored = await store.insertFirst(await makeKey(sealer, use, now(), alg))
  }
  for (const { use, sealedPrivateJwk } of stored) if (use !== 'retired') await sealer.open(sealedPrivateJwk)
  let signer = await openSigner(stored, sealer)

  const take = async (found: readonly StoredKey[]) => {
    // The signer changes first: the published key set never lacks its key.
    const next = signer.kid === currentOf(found).kid ? signer : await openSigner(found, sealer)
    stored = found
    signer = next
  }
  const refresh = async () => take(await store.load())

  return {
    jwks: () => ({
      keys: stored.map(({ kid, alg: of, publicJwk }): JWK => ({ ...publicJwk, kid, alg: of, use: 'sig' })),
    }),
    sign: async ({ eventId, subscriptionId, attempt, body, at, kind }) => {
      const { kid, alg: of, privateKey } = signer
      const header = {
        alg: of,
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
    keys: () => stored.map(publicPartOf),
    currentSince: () => signsSince(currentOf(stored)),
    refresh,
    rotate: async (force = false) => {
      await refresh()
      const current = currentOf(stored)
      const next = stored.find(key => key.use === 'next')
      if (next === undefined) throw new Error('The key store holds no next signing key.')
      if (!force && usableAt(next) > now())
        throw new Failure(
          'conflict',
          `Receivers may not know the next key before ${new Date(usableAt(next)).toISOString()}. Rotate after that, or force the rotation, which makes them fetch it.`,
        )
      await store.rotate(current.kid, next.kid, await makeKey(sealer, 'next', now(), alg), now())
      await refresh()
    },
    forgetRetired: async () => {
      const count = await store.forgetRetired(now() - keepRetiredMs)
      if (count > 0) await refresh()
      return count
    },
  }
}

const publicPartOf = ({ kid, alg, use, publicJwk, createdAt, currentSince, retiredAt }: StoredKey): PublicKey => ({
  kid,
  alg,
  use,
  publicJwk,
  createdAt,
  ...(currentSince === undefined ? {} : { currentSince }),
  ...(retiredAt === undefined ? {} : { retiredAt }),
})

const currentOf = (stored: readonly StoredKey[]): StoredKey => {
  const current = stored.find(key => key.use === 'current')
  if (current === undefined) throw new Error('The key store holds no current signing key.')
  return current
}

const openSigner = async (stored: readonly StoredKey[], sealer: Sealer) => {
  const { kid, alg, sealedPrivateJwk } = currentOf(stored)
  const privateKey = (await importJWK(JSON.parse(await sealer.open(sealedPrivateJwk)) as JWK, alg)) as CryptoKey
  return { kid, alg, privateKey }
}

const makeKey = async (
  sealer: Sealer,
  use: 'current' | 'next',
  now: EpochMs,
  alg: SigningAlgorithm,
): Promise<StoredKey> => {
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
