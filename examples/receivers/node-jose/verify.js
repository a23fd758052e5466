// Verifies a webhook of Doorbell by its published keys, with jose alone: what the kit does, for those who would rather own it.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createRemoteJWKSet, errors, flattenedVerify } from 'jose'

const toleranceS = 300

/** The request is not to be believed: answer 401. Any other error says that there are no keys: answer 503, and Doorbell tries again. */
export class Refused extends Error {}

/** jose fetches every ten minutes, and for an unknown key id, but then at most every five seconds. */
export const publishedKeys = issuer =>
  createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), { cooldownDuration: 5_000, timeoutDuration: 3_000 })

/** The header that the signature protects. `body` are the bytes as they came, `nowS` seconds since 1970. */
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

/** The Standard Webhooks signature, as the package standardwebhooks verifies it too. Not needed beside the JWS. */
const verifyHmac = (secret, headers, body, nowS) => {
  const timestamp = headers['webhook-timestamp'] ?? ''
  if (!/^\d+$/.test(timestamp) || Math.abs(nowS - Number(timestamp)) > toleranceS)
    throw new Refused('webhook-timestamp is old, or no number')
  const mac = createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
  const digest = mac.update(`${headers['webhook-id']}.${timestamp}.`).update(body).digest('base64')
  const expected = Buffer.from(`v1,${digest}`)
  const given = (headers['webhook-signature'] ?? '').split(' ').map(signature => Buffer.from(signature))
  if (!given.some(signature => signature.length === expected.length && timingSafeEqual(signature, expected)))
    throw new Refused('webhook-signature does not fit the secret and the body')
}
