import { errors, flattenedVerify, type FlattenedJWSInput, type FlattenedVerifyGetKey } from 'jose'
import { hmacKey, verifyHmac } from './hmac.ts'
import { createKeySet, isAway } from './key-set.ts'
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
  /** The clock, milliseconds since 1970: for tests. */
  readonly now?: () => number
}

/** Headers as Node, Koa and Express have them, or as `Request` has them; names in any case. */
export type HeaderSource = Readonly<Record<string, string | string[] | undefined>> | Headers

export interface Verifier {
  /** The event, if Doorbell signed exactly these bytes for this subscription, just now. Throws VerificationError. */
  verify(headers: HeaderSource, rawBody: Uint8Array | string): Promise<WebhookEvent>
}

const algorithms = ['ES256', 'Ed25519']
/** So that another token signed with the same keys is not taken for a webhook (RFC 8725 §3.11). */
const type = 'webhook+jws'

/**
 * Verifies webhooks against Doorbell's published keys, which are fetched once and again when an unknown key id appears
 * (rate-limited). Throws RangeError when an option is missing or `secret` is not a `whsec_…`.
 */
export const createVerifier = (options: VerifierOptions): Verifier => {
  const { subscriptionId, secret, toleranceS = 300, keyFetchCooldownS = 5, now = Date.now } = options
  checkOptions(options)
  const issuer = options.issuer.replace(/\/+$/, '')
  const keys = createKeySet(new URL(options.jwksUrl ?? `${issuer}/.well-known/jwks.json`), {
    cooldownS: keyFetchCooldownS,
  })

  return {
    verify: async (headers, rawBody) => {
      const body = typeof rawBody === 'string' ? Buffer.from(rawBody) : rawBody
      const id = required(headers, 'webhook-id')
      const header = await verifyJws(required(headers, 'webhook-jws'), body, keys)
      if (header['typ'] !== type) throw new VerificationError('malformed_signature', `typ is not ${type}`)
      const nowS = now() / 1_000
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
        verifyHmac(
          secret,
          { id, timestamp, signature: required(headers, 'webhook-signature'), body },
          { toleranceS, nowS },
        )
      }
      return withMarks(readEvent(body, id), header)
    },
  }
}

/** What is missing or wrong is found at the start, and not at the first webhook. */
const checkOptions = ({ issuer, subscriptionId, secret, toleranceS = 300 }: VerifierOptions): void => {
  if (!issuer) throw new RangeError('issuer is missing: the address of Doorbell, as its key set has it.')
  if (!subscriptionId) throw new RangeError('subscriptionId is missing: the id that Doorbell gave, sub_….')
  if (secret !== undefined) hmacKey(secret)
  // NaN would compare as "not too old", always.
  if (!(toleranceS > 0 && toleranceS < Infinity)) throw new RangeError('toleranceS is not a number of seconds above 0.')
}

/** The verified protected header of a detached JWS, with the raw body in its middle (RFC 7515 appendix F). */
const verifyJws = async (
  jws: string,
  body: Uint8Array,
  keys: FlattenedVerifyGetKey,
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
  if (isAway(error)) return new VerificationError('keys_unavailable', 'the key set could not be fetched', error)
  return new VerificationError('malformed_signature', error instanceof Error ? error.message : String(error), error)
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
  const value = isFetchHeaders(headers) ? headers.get(name) : (headers[name] ?? inAnyCase(headers, name))
  if (typeof value !== 'string' || value === '')
    throw new VerificationError('missing_header', `the header ${name} is missing`)
  return value
}

/** By what it can do: a library may bring a `Headers` class of its own. */
const isFetchHeaders = (headers: HeaderSource): headers is Headers => typeof headers.get === 'function'

/** Some gateways hand headers on as `Webhook-Id`. */
const inAnyCase = (headers: Exclude<HeaderSource, Headers>, name: string) =>
  Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]

const readEvent = (body: Uint8Array, id: string): WebhookEvent => {
  let event: WebhookEvent | null
  try {
    event = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as WebhookEvent | null
  } catch (error) {
    throw new VerificationError('malformed_body', 'the body is not JSON', error)
  }
  if (event?.id !== id) throw new VerificationError('wrong_event', 'the body is of another event than webhook-id')
  return event
}
