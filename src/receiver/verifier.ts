import { createRemoteJWKSet, errors, flattenedVerify, type FlattenedJWSInput } from 'jose'
import { hmacKey, verifyHmac } from './hmac.ts'
import { VerificationError } from './verification-error.ts'
import type { WebhookEvent } from './webhook-event.ts'

export interface VerifierOptions {
  /** Doorbell's PUBLIC_URL: the expected `iss`. */
  readonly issuer: string
  /** The subscription's id: the expected `aud`. */
  readonly subscriptionId: string
  /** Default: the issuer's `/.well-known/jwks.json`. */
  readonly jwksUrl?: string
  /** `whsec_…`: when given, the HMAC is verified too. */
  readonly secret?: string
  /** How far `iat` and `webhook-timestamp` may be from now, seconds. Default 300. */
  readonly toleranceS?: number
  /** How long an unknown key id does not fetch the key set again, seconds. Default 5. */
  readonly keyFetchCooldownS?: number
}

export type HeaderSource = Readonly<Record<string, string | string[] | undefined>>

export interface Verifier {
  /** The event, if Doorbell signed exactly these bytes for this subscription, just now. Throws VerificationError. */
  verify(headers: HeaderSource, rawBody: Uint8Array | string): Promise<WebhookEvent>
}

const algorithms = ['ES256', 'Ed25519']
/** So that another token signed with the same keys is not taken for a webhook (RFC 8725 §3.11). */
const type = 'webhook+jws'

/**
 * Verifies webhooks against Doorbell's published keys, which are fetched once and again when an unknown key id appears
 * (rate-limited). Throws RangeError when `secret` is not a `whsec_…`.
 */
export const createVerifier = (options: VerifierOptions): Verifier => {
  const { issuer, subscriptionId, secret, toleranceS = 300, keyFetchCooldownS = 5 } = options
  // A secret that is none is found at the start, and not at the first webhook.
  if (secret !== undefined) hmacKey(secret)
  const keys = createRemoteJWKSet(new URL(options.jwksUrl ?? `${issuer}/.well-known/jwks.json`), {
    cooldownDuration: keyFetchCooldownS * 1_000,
  })

  return {
    verify: async (headers, rawBody) => {
      const body = typeof rawBody === 'string' ? Buffer.from(rawBody) : rawBody
      const id = required(headers, 'webhook-id')
      const header = await verifyJws(required(headers, 'webhook-jws'), body, keys)
      if (header['typ'] !== type) throw new VerificationError('malformed_signature', `typ is not ${type}`)
      const nowS = Date.now() / 1_000
      if (header['iss'] !== issuer)
        throw new VerificationError('wrong_issuer', `signed by ${String(header['iss'])}, not by ${issuer}`)
      if (header['aud'] !== subscriptionId)
        throw new VerificationError('wrong_audience', 'signed for another subscription')
      if (typeof header['iat'] !== 'number' || Math.abs(nowS - header['iat']) > toleranceS)
        throw new VerificationError(
          'too_old',
          `signed more than ${toleranceS} s from now: an old request sent again, or a clock that is wrong`,
        )
      if (header['eid'] !== id)
        throw new VerificationError('wrong_event', 'the signature is of another event than webhook-id')
      if (secret !== undefined) {
        const timestamp = required(headers, 'webhook-timestamp')
        verifyHmac(secret, { id, timestamp, signature: required(headers, 'webhook-signature'), body }, { toleranceS })
      }
      return withMarks(readEvent(body, id), header)
    },
  }
}

/** The verified protected header of a detached JWS, with the raw body in its middle (RFC 7515 appendix F). */
const verifyJws = async (
  jws: string,
  body: Uint8Array,
  keys: ReturnType<typeof createRemoteJWKSet>,
): Promise<Readonly<Record<string, unknown>>> => {
  const [protectedHeader, detached, signature, ...more] = jws.split('.')
  if (!protectedHeader || detached !== '' || !signature || more.length > 0)
    throw new VerificationError('malformed_signature', 'webhook-jws is not of the form protected..signature')
  const input: FlattenedJWSInput = {
    protected: protectedHeader,
    payload: Buffer.from(body).toString('base64url'),
    signature,
  }
  try {
    const verified = await flattenedVerify(input, keys, { algorithms })
    return verified.protectedHeader ?? {}
  } catch (error) {
    throw asVerificationError(error)
  }
}

const asVerificationError = (error: unknown): VerificationError => {
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return new VerificationError(
      'wrong_signature',
      'the signature does not fit the body: verify the raw bytes, before any parser',
      error,
    )
  if (error instanceof errors.JWKSNoMatchingKey)
    return new VerificationError('unknown_key', 'the key id is not in the key set', error)
  if (
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JOSENotSupported
  )
    return new VerificationError('malformed_signature', error.message, error)
  return new VerificationError('keys_unavailable', 'the key set could not be fetched', error)
}

/** What the signature says of the delivery; a body that says so itself is not believed. */
const withMarks = (
  { replay: _, test: __, challenge, ...event }: WebhookEvent,
  { replay, test, verification }: Readonly<Record<string, unknown>>,
): WebhookEvent => ({
  ...event,
  ...(replay === true ? { replay } : {}),
  ...(test === true ? { test } : {}),
  ...(verification === true && typeof challenge === 'string' ? { challenge } : {}),
})

const required = (headers: HeaderSource, name: string): string => {
  const value = headers[name]
  if (typeof value !== 'string' || value === '')
    throw new VerificationError('missing_header', `the header ${name} is missing`)
  return value
}

const readEvent = (body: Uint8Array, id: string): WebhookEvent => {
  let event
  try {
    event = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as WebhookEvent
  } catch (error) {
    throw new VerificationError('malformed_body', 'the body is not JSON', error)
  }
  if (event.id !== id) throw new VerificationError('wrong_event', 'the body is of another event than webhook-id')
  return event
}
