import { errors, flattenedVerify, type FlattenedJWSInput, type FlattenedVerifyGetKey } from 'jose'
import { hmacKey, verifyHmac } from './hmac.ts'
import { createKeySet, isAway } from './key-set.ts'
import { alreadyRead } from './read-body.ts'
import { VerificationError } from './verification-error.ts'
import type { WebhookEvent } from './webhook-event.ts'

export interface VerifierOptions {
  /** The expected `iss`: Doorbell's PUBLIC_URL. */
  readonly issuer: string
  /** The expected `aud`: the id of the subscription. */
  readonly subscriptionId: string
  /** The address of the key set. Default: the issuer's `/.well-known/jwks.json`. */
  readonly jwksUrl?: string
  /** The `whsec_…` secret. With it, the HMAC is verified as well. */
  readonly secret?: string
  /** The allowed difference between now and `iat` or `webhook-timestamp`, seconds. Default 300. */
  readonly toleranceS?: number
  /** The time after a fetch in which an unknown key id does not fetch the key set again, seconds. Default 5. */
  readonly keyFetchCooldownS?: number
  /** The clock for tests, milliseconds since 1970. */
  readonly now?: () => number
}

/** Headers in the form of Node, Koa and Express, or of a `Request`. The case of the names does not matter. */
export type HeaderSource = Readonly<Record<string, string | string[] | undefined>> | Headers

export interface Verifier {
  /** Resolves to the event if Doorbell signed exactly these bytes for this subscription within the tolerance. Rejects with VerificationError otherwise. */
  verify(headers: HeaderSource, rawBody: Uint8Array | string): Promise<WebhookEvent>
}

const algorithms = ['ES256', 'Ed25519']
/** The explicit type keeps another token that is signed with the same keys from being accepted as a webhook (RFC 8725 §3.11). */
const type = 'webhook+jws'

/**
 * Creates a verifier that uses Doorbell's published keys. It fetches and caches them, and fetches them again for an unknown key id (rate-limited).
 * Throws RangeError if an option is missing or `secret` is not a `whsec_…`.
 */
export const createVerifier = (options: VerifierOptions): Verifier => {
  const { subscriptionId, secret, toleranceS = 300, keyFetchCooldownS = 5, now = Date.now } = options
  checkOptions({ ...options, toleranceS, keyFetchCooldownS, now })
  const issuer = options.issuer.replace(/\/+$/, '')
  const keySetUrl = new URL(options.jwksUrl ?? `${issuer}/.well-known/jwks.json`)
  const keys = { url: keySetUrl, find: createKeySet(keySetUrl, { cooldownS: keyFetchCooldownS }) }

  return {
    verify: async (headers, rawBody) => {
      const body = bytesOf(rawBody)
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
          `signed more than ${toleranceS} s from now: an old request was sent again, or a clock is wrong`,
        )
      if (header['eid'] !== id)
        throw new VerificationError('wrong_event', 'the signature belongs to another event than webhook-id')
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

/** The bytes that were signed. Callers in plain JavaScript pass a parsed body by mistake. */
const bytesOf = (rawBody: unknown): Uint8Array => {
  if (rawBody instanceof Uint8Array) return rawBody
  if (typeof rawBody === 'string') return Buffer.from(rawBody)
  throw alreadyRead('Pass its bytes or its text, not a parsed object.')
}

/** Checks the options at the start rather than at the first webhook. */
const checkOptions = ({
  issuer,
  subscriptionId,
  jwksUrl,
  secret,
  toleranceS,
  keyFetchCooldownS,
  now,
}: VerifierOptions & Required<Pick<VerifierOptions, 'toleranceS' | 'keyFetchCooldownS' | 'now'>>): void => {
  if (!issuer) throw new RangeError('issuer is missing: set it to the address of Doorbell (its PUBLIC_URL).')
  if (!isHttpUrl(issuer))
    throw new RangeError(
      'issuer must be the address of Doorbell (its PUBLIC_URL), such as https://doorbell.example.com.',
    )
  if (!subscriptionId) throw new RangeError('subscriptionId is missing: set it to the id of your subscription, sub_….')
  if (typeof subscriptionId !== 'string') throw new RangeError('subscriptionId must be a text, sub_….')
  if (jwksUrl !== undefined && !isHttpUrl(jwksUrl))
    throw new RangeError(
      'jwksUrl must be the address of the key set, such as https://doorbell.example.com/.well-known/jwks.json.',
    )
  if (secret !== undefined && typeof secret !== 'string')
    throw new RangeError('secret must be a text, the whsec_… that Doorbell showed.')
  if (secret !== undefined) hmacKey(secret)
  // With NaN no request would ever be too old.
  if (!(toleranceS > 0 && toleranceS < Infinity))
    throw new RangeError('toleranceS must be a number of seconds above 0.')
  if (!(keyFetchCooldownS >= 0 && keyFetchCooldownS < Infinity))
    throw new RangeError('keyFetchCooldownS must be a number of seconds, 0 or more.')
  if (typeof now !== 'function') throw new RangeError('now must be a function that returns milliseconds since 1970.')
}

const isHttpUrl = (text: unknown): boolean =>
  typeof text === 'string' && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

interface Keys {
  readonly url: URL
  readonly find: FlattenedVerifyGetKey
}

/** Verifies a detached JWS over the raw body (RFC 7515 appendix F) and returns its protected header. */
const verifyJws = async (jws: string, body: Uint8Array, keys: Keys): Promise<Readonly<Record<string, unknown>>> => {
  const [protectedHeader, detached, signature, ...more] = jws.split('.')
  if (!protectedHeader || detached !== '' || !signature || more.length > 0)
    throw new VerificationError('malformed_signature', 'webhook-jws does not have the form protected..signature')
  const input: FlattenedJWSInput = {
    protected: protectedHeader,
    payload: Buffer.from(body).toString('base64url'),
    signature,
  }
  try {
    const verified = await flattenedVerify(input, keys.find, { algorithms })
    return verified.protectedHeader ?? {}
  } catch (error) {
    throw asVerificationError(error, keys.url)
  }
}

const asVerificationError = (error: unknown, { origin, pathname }: URL): VerificationError => {
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return new VerificationError(
      'wrong_signature',
      'the signature does not match the body: verify the raw bytes, before any parser',
      error,
    )
  if (error instanceof errors.JWKSNoMatchingKey)
    return new VerificationError('unknown_key', `the key id is not in the key set at ${origin}${pathname}`, error)
  if (isAway(error))
    return new VerificationError(
      'keys_unavailable',
      `the key set could not be fetched: check that this server can reach ${origin}${pathname}`,
      error,
    )
  return new VerificationError('malformed_signature', (error as errors.JOSEError).message, error)
}

/** Sets the marks of the delivery from the signed header. Marks in the body are ignored, except for the challenge that the header announces. */
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
  const value = isFetchHeaders(headers) ? headers.get(name) : inAnyCase(headers, name)
  if (typeof value !== 'string' || value === '')
    throw new VerificationError('missing_header', `the header ${name} is missing`)
  return value
}

/** Tests for the method, since a library may have its own `Headers` class. */
const isFetchHeaders = (headers: HeaderSource): headers is Headers => typeof headers.get === 'function'

/** Some gateways change the case of header names, e.g. to `Webhook-Id`. */
const inAnyCase = (headers: Exclude<HeaderSource, Headers>, name: string) =>
  Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]

const readEvent = (body: Uint8Array, id: string): WebhookEvent => {
  let event: WebhookEvent | null
  try {
    event = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as WebhookEvent | null
  } catch (error) {
    throw new VerificationError('malformed_body', 'the body is not JSON', error)
  }
  if (event?.id !== id) throw new VerificationError('wrong_event', 'the body belongs to another event than webhook-id')
  return event
}
