import type { EpochMs } from './time.ts'

/** The algorithms of signing keys (RFC 7518, RFC 8037): a setting chooses one for new keys. */
export const signingAlgorithms = ['ES256', 'Ed25519'] as const
export type SigningAlgorithm = (typeof signingAlgorithms)[number]

/** A signing key as it is stored. */
export interface StoredKey {
  readonly kid: string
  readonly alg: SigningAlgorithm
  /** `next` is published before its first use, `retired` as long as receivers may meet its signatures. */
  readonly use: 'next' | 'current' | 'retired'
  readonly publicJwk: Readonly<Record<string, unknown>>
  /** The private JWK as sealed JSON. */
  readonly sealedPrivateJwk: string
  readonly createdAt: EpochMs
  /** Since when it signs, or no longer does. */
  readonly currentSince?: EpochMs
  readonly retiredAt?: EpochMs
}

/** Three times as long as a key set may be cached (300 s): whoever verifies knows a key before it signs. */
export const publishAheadMs = 15 * 60_000
/** Far longer than any verifier's tolerance: a receiver that works through a backlog of a week still finds the key. */
export const keepRetiredMs = 7 * 24 * 60 * 60_000

/** When the next key may sign. */
export const usableAt = ({ createdAt }: Pick<StoredKey, 'createdAt'>): EpochMs => createdAt + publishAheadMs

/** When the current key began to sign; a first key did with its making. */
export const signsSince = ({ currentSince, createdAt }: Pick<StoredKey, 'createdAt' | 'currentSince'>): EpochMs =>
  currentSince ?? createdAt
