import { createHmac, randomBytes } from 'node:crypto'
import { ulid } from 'ulid'
import type { EpochMs } from '../../domain/time.ts'
import { nextRandom } from '../../intake/event-id.ts'

/**
 * Where the ids, tokens and secrets of a call come from: chance, or the call's `Idempotency-Key`. With a key, a repeated call makes the same
 * ones, so it finds what an earlier one has created, however that one ended.
 */
export interface Identity {
  /** When the first call with this key began. Ids begin with it. */
  readonly at: EpochMs
  /** True: an earlier call with this key may have created what this one creates, or may be doing so. */
  readonly isRepeated: boolean
  /** True: a repeated call continues what this one leaves unfinished, so nothing has to be undone. */
  readonly hasKey: boolean
  /** An id such as `sub_01KE4W2V8Y0000000000000001`. `nth` counts the ids of this kind in one call. */
  id(kind: string, nth?: number): string
  /** 32 bytes that only the service can compute, for a token or a secret. */
  bytes(use: string): Buffer
}

/** The identity of a call without a key. */
export const newIdentity = (at: EpochMs): Identity => ({
  at,
  isRepeated: false,
  hasKey: false,
  id: kind => `${kind}_${ulid(at, nextRandom)}`,
  bytes: () => randomBytes(32),
})

/** The identity of a call with a key. Only the service knows the seed. */
export const identityFrom = (seed: Buffer, at: EpochMs, isRepeated: boolean): Identity => {
  const bytes = (use: string): Buffer => createHmac('sha256', seed).update(use).digest()
  return {
    at,
    isRepeated,
    hasKey: true,
    bytes,
    id: (kind, nth = 0) => `${kind}_${ulid(at, drawFrom(bytes(`${kind} ${nth}`)))}`,
  }
}

/** A ULID draws 16 numbers from 0 to 1; there are 32 bytes. */
const drawFrom = (bytes: Buffer): (() => number) => {
  let drawn = 0
  return () => bytes.readUInt8(drawn++) / 256
}
