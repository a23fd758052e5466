import { createHmac, timingSafeEqual } from 'node:crypto'
import { VerificationError } from './verification-error.ts'

export interface SignedRequest {
  readonly id: string
  /** `webhook-timestamp`: seconds since 1970. */
  readonly timestamp: string
  /** `webhook-signature`: one or more `v1,<base64>`, separated by spaces. */
  readonly signature: string
  readonly body: Uint8Array
}

/** Verifies a Standard Webhooks 1.0.0 signature. Throws VerificationError, and RangeError for a secret that is none. Any one of the listed signatures is enough, as during a rotation. */
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
    throw new VerificationError('wrong_signature', 'no signature in webhook-signature fits the secret and the body')
}

/** The key's bytes of a `whsec_…`. Throws RangeError when they are fewer than 24 (Standard Webhooks 1.0.0, "Secret and keys"). */
export const hmacKey = (secret: string): Buffer => {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  // An unset variable would make an empty key, and with that anybody can sign.
  if (key.length < 24)
    throw new RangeError('The secret is not the whsec_… that Doorbell showed: it is empty or too short.')
  return key
}
