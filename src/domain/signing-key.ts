import { dayMs, type EpochMs } from './time.ts'

/** The algorithms of signing keys (RFC 7518, RFC 8037): a setting chooses one for new keys. The first is the default. */
export const signingAlgorithms = ['ES256', 'Ed25519'] as const
export type SigningAlgorithm = (typeof signingAlgorithms)[number]

/** A signing key as it is stored. */
export interface StoredKey {
  readonly kid: string
  readonly alg: SigningAlgorithm
  /** A `next` key is published before its first use, a `retired` key as long as receivers may verify its signatures. */
  readonly use: 'next' | 'current' | 'retired'
  readonly publicJwk: Readonly<Record<string, unknown>>
  /** The private JWK as sealed JSON. */
  readonly sealedPrivateJwk: string
  readonly createdAt: EpochMs
  /** When it began and ceased to sign. */
  readonly currentSince?: EpochMs
  readonly retiredAt?: EpochMs
}

/** Three times as long as a key set may be cached (300 s), so that every receiver knows a key before it signs. */
export const publishAheadMs = 15 * 60_000
/** Far longer than any receiver's tolerance: a receiver that works off the backlog of a week still finds the key. */
export const keepRetiredMs = 7 * dayMs

/** Returns when the next key may sign. */
export const usableAt = ({ createdAt }: Pick<StoredKey, 'createdAt'>): EpochMs => createdAt + publishAheadMs

/** Returns when the current key began to sign; the first key signs from its creation. */
export const signsSince = ({ currentSince, createdAt }: Pick<StoredKey, 'createdAt' | 'currentSince'>): EpochMs =>
  currentSince ?? createdAt
