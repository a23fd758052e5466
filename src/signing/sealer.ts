import { CompactEncrypt, compactDecrypt } from 'jose'

/** Encrypts what must not stand in the database in clear text: private keys and secrets. */
export interface Sealer {
  /** JWE compact serialization (RFC 7516), `dir` with A256GCM. */
  seal(text: string): Promise<string>
  /** Throws when the text was sealed with another key or altered. */
  open(sealed: string): Promise<string>
}

/** A sealer with this key-encryption key of 32 bytes. */
export const createSealer = (keyEncryptionKey: Uint8Array): Sealer => ({
  seal: text =>
    new CompactEncrypt(new TextEncoder().encode(text))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(keyEncryptionKey),
  open: async sealed => {
    const { plaintext } = await compactDecrypt(sealed, keyEncryptionKey, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    }).catch((error: unknown) => {
      throw new Error('A stored secret cannot be opened: DOORBELL_ENCRYPTION_KEY is not the key it was sealed with.', {
        cause: error,
      })
    })
    return new TextDecoder().decode(plaintext)
  },
})
