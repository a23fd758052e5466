import { createHash } from 'node:crypto'
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'

/** Encrypts private keys and secrets for the database. */
export interface Sealer {
  /** Returns a JWE in compact serialization (RFC 7516), `dir` with A256GCM. Its `kid` names the encryption key. */
  seal(text: string): Promise<string>
  /** Decrypts. Throws CannotOpen when the text was altered, or encrypted with an unknown key. */
  open(sealed: string): Promise<string>
  /** True for a text that was encrypted with a previous key. */
  isOld(sealed: string): boolean
}

/** A text cannot be decrypted by this process. The message is for the operator. */
export class CannotOpen extends Error {}

/** 48 bits of the key's hash: enough to distinguish keys, too little to reveal one. */
const kidOf = (key: Uint8Array): string => createHash('sha256').update(key).digest('base64url').slice(0, 8)

/** Creates a sealer that encrypts with the current key and decrypts with any of these keys of 32 bytes. */
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
        throw cannotOpen(`it was encrypted with the key ${named}, and this process has ${[...keys.keys()].join(', ')}`)
      return openWith(sealed, key).catch((error: unknown) => {
        throw cannotOpen('it was altered, or encrypted with another key', error)
      })
    },
    isOld: sealed => decodeProtectedHeader(sealed).kid !== kid,
  }
}

const cannotOpen = (why: string, cause?: unknown) =>
  new CannotOpen(
    `Stored data cannot be decrypted: ${why}. Set DOORBELL_ENCRYPTION_KEY to the key that every other process has, or add that key to DOORBELL_ENCRYPTION_KEY_PREVIOUS to re-encrypt everything with the key of this process.`,
    { cause },
  )
