import { createHash } from 'node:crypto'
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'

/** Encrypts what must not stand in the database in clear text: private keys and secrets. */
export interface Sealer {
  /** JWE compact serialization (RFC 7516), `dir` with A256GCM, its `kid` naming the key-encryption key. */
  seal(text: string): Promise<string>
  /** Throws CannotOpen when the text was sealed with a key that is not known, or altered. */
  open(sealed: string): Promise<string>
  /** True when it was sealed with an earlier key. */
  isOld(sealed: string): boolean
}

/** Sealed with a key that this process has not. The message is for the operator. */
export class CannotOpen extends Error {}

/** Tells keys apart, and nothing else: 48 bits of its hash. */
const kidOf = (key: Uint8Array): string => createHash('sha256').update(key).digest('base64url').slice(0, 8)

/** Seals with the first of these keys of 32 bytes, and opens what any of them sealed. */
export const createSealer = (current: Uint8Array, previous: readonly Uint8Array[] = []): Sealer => {
  const keys = new Map([...previous, current].map(key => [kidOf(key), key]))
  const kid = kidOf(current)
  const openWith = async (sealed: string, key: Uint8Array) => {
    const { plaintext } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    return new TextDecoder().decode(plaintext)
  }
  return {
    seal: text =>
      new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
        .encrypt(current),
    open: async sealed => {
      const named = decodeProtectedHeader(sealed).kid ?? 'none'
      const key = keys.get(named)
      if (key === undefined)
        throw cannotOpen(`it was sealed with the key ${named}, and this process has ${[...keys.keys()].join(', ')}`)
      return openWith(sealed, key).catch((error: unknown) => {
        throw cannotOpen('it was altered, or sealed with another key', error)
      })
    },
    isOld: sealed => decodeProtectedHeader(sealed).kid !== kid,
  }
}

const cannotOpen = (why: string, cause?: unknown) =>
  new CannotOpen(
    `What is stored encrypted cannot be opened: ${why}. Set DOORBELL_ENCRYPTION_KEY to the key that every other process has, or add that key to DOORBELL_ENCRYPTION_KEY_PREVIOUS, to seal everything anew with this process’s own.`,
    { cause },
  )
