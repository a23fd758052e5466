import type { EpochMs } from './time.ts'

/** A signing key as it is stored. */
export interface StoredKey {
  readonly kid: string
  readonly alg: 'ES256' | 'Ed25519'
  /** `next` is published before its first use, `retired` as long as receivers may meet its signatures. */
  readonly use: 'next' | 'current' | 'retired'
  readonly publicJwk: Readonly<Record<string, unknown>>
  /** The private JWK as sealed JSON. */
  readonly sealedPrivateJwk: string
  readonly createdAt: EpochMs
}
