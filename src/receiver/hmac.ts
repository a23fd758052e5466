import { createHmac, timingSafeEqual } from 'node:crypto'
import { VerificationError } from './verification-error.ts'

export interface SignedRequest {
  readonly id: string
  /** The header `webhook-timestamp`: seconds since 1970. */
  readonly timestamp: string
  /** The header `webhook-signature`: one or more `v1,<base64>`, separated by spaces. */
  readonly signature: string
  readonly body: Uint8Array
}

/**
 * Verifies a Standard Webhooks 1.0.0 signature. One matching signature in the header is enough, so both secrets work during a rotation. Throws
 * VerificationError if none matches, and RangeError if the secret is not valid.
 */
export const verifyHmac = (
  secret: string,
  request: SignedRequest,
  { toleranceS = 300, nowS = Date.now() / 1_000 } = {},
): void => {
  const at = Number(request.timestamp)
  if (!Number.isInteger(at))
    throw new VerificationError('malformed_signature', 'webhook-timestamp is not a whole number of seconds')
  if (Math.abs(nowS - at) > toleranceS)
    throw new VerificationError('too_old', `webhook-timestamp is more than ${toleranceS} s from now`)
  const expected = createHmac('sha256', hmacKey(secret)).update(`${request.id}.${at}.`).update(request.body).digest()
  const given = request.signature
    .split(' ')
    .filter(part => part.startsWith('v1,'))
    .map(part => Buffer.from(part.slice(3), 'base64'))
  if (!given.some(signature => signature.length === expected.length && timingSafeEqual(signature, expected)))
    throw new VerificationError('wrong_signature', 'no signature in webhook-signature matches the secret and the body')
}

/** The key of a `whsec_…` secret. Throws RangeError if it has fewer than 24 bytes (Standard Webhooks 1.0.0, "Secret and keys"). */
export const hmacKey = (secret: string): Buffer => {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  // An unset environment variable would be an empty key, with which anyone can sign.
  if (key.length < 24) throw new RangeError('The secret is empty or too short. Use the whsec_… that Doorbell showed.')
  return key
}
