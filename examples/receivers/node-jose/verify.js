// Verifies a webhook of Doorbell with its published keys and jose. The receiver kit does the same; copy this file if you prefer to own the code.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createRemoteJWKSet, errors, flattenedVerify } from 'jose'

const toleranceS = 300

/** The request is not authentic: answer 401. Any other error means that the keys cannot be fetched: answer 503, and Doorbell retries. */
export class Refused extends Error {}

/** The published keys, which jose caches for ten minutes. An unknown key id fetches them again, but at most every five seconds. */
export const publishedKeys = issuer =>
  createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), { cooldownDuration: 5_000, timeoutDuration: 3_000 })

/** Returns the signed header. `body` must be the raw bytes of the request; `nowS` is in seconds since 1970. */
export const verify = async ({ issuer, subscriptionId, secret, keys }, headers, body, nowS = Date.now() / 1_000) => {
  const header = await verifySignature(headers['webhook-jws'] ?? '', body, keys)
  const expected = { typ: 'webhook+jws', iss: issuer, aud: subscriptionId, eid: headers['webhook-id'] }
  for (const [name, value] of Object.entries(expected))
    if (header[name] !== value) throw new Refused(`${name} is ${String(header[name])}, not ${value}`)
  if (typeof header.iat !== 'number' || Math.abs(nowS - header.iat) > toleranceS)
    throw new Refused(`signed more than ${toleranceS} s from now`)
  if (secret) verifyHmac(secret, headers, body, nowS)
  return header
}

const verifySignature = async (jws, body, keys) => {
  const [protectedHeader, payload, signature, ...more] = jws.split('.')
  if (payload !== '' || more.length > 0) throw new Refused('webhook-jws is not protected..signature')
  const signed = { protected: protectedHeader, payload: Buffer.from(body).toString('base64url'), signature }
  try {
    const verified = await flattenedVerify(signed, keys, { algorithms: ['ES256', 'Ed25519'] })
    return verified.protectedHeader
  } catch (error) {
    const isOfKeySet = error instanceof errors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC'
    if (isOfKeySet || !(error instanceof errors.JOSEError)) throw error
    throw new Refused(`webhook-jws: ${error.message}`)
  }
}

/** Verifies the Standard Webhooks signature, as the package standardwebhooks does. With the JWS it is optional. */
const verifyHmac = (secret, headers, body, nowS) => {
  const timestamp = headers['webhook-timestamp'] ?? ''
  if (!/^\d+$/.test(timestamp) || Math.abs(nowS - Number(timestamp)) > toleranceS)
    throw new Refused('webhook-timestamp is too old or not a number')
  const mac = createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
  const digest = mac.update(`${headers['webhook-id']}.${timestamp}.`).update(body).digest('base64')
  const expected = Buffer.from(`v1,${digest}`)
  const given = (headers['webhook-signature'] ?? '').split(' ').map(signature => Buffer.from(signature))
  if (!given.some(signature => signature.length === expected.length && timingSafeEqual(signature, expected)))
    throw new Refused('webhook-signature does not match the secret and the body')
}
