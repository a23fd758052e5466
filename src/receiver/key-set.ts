import { createLocalJWKSet, createRemoteJWKSet, errors, type FlattenedVerifyGetKey } from 'jose'

export interface KeySetOptions {
  /** The time after a fetch in which an unknown key id does not fetch the set again, seconds. Requests with invented ids then cause few fetches. */
  readonly cooldownS: number
}

const timeoutMs = 3_000
const freshMs = 10 * 60_000
/** How long fetched keys stay valid while the set cannot be fetched. The time is limited so that a withdrawn key becomes invalid. */
const staleMs = 24 * 60 * 60_000

/** The published keys of an issuer. The set is fetched for the first signature, then every ten minutes, and for an unknown key id. */
export const createKeySet = (url: URL, { cooldownS }: KeySetOptions): FlattenedVerifyGetKey => {
  const options = { timeoutDuration: timeoutMs, cacheMaxAge: freshMs, cooldownDuration: cooldownS * 1_000 }
  const remote = createRemoteJWKSet(url, options)
  let fetchedAt = 0
  return async (header, token) => {
    try {
      const key = await remote(header, token)
      if (remote.fresh) fetchedAt = Date.now()
      return key
    } catch (error) {
      const known = remote.jwks()
      if (!isAway(error) || known === undefined || Date.now() - fetchedAt > freshMs + staleMs) throw error
      return createLocalJWKSet(known)(header, token).catch(() => Promise.reject(error as Error))
    }
  }
}

/** Whether the set could not be fetched or read. False if it was read and does not contain the key. */
export const isAway = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  !(error instanceof errors.JOSEError) ||
  error.code === 'ERR_JOSE_GENERIC'
