import { createLocalJWKSet, createRemoteJWKSet, errors, type FlattenedVerifyGetKey } from 'jose'

export interface KeySetOptions {
  /** How long an unknown key id does not fetch the set again, seconds: whoever invents ids must not make us fetch each time. */
  readonly cooldownS: number
}

const timeoutMs = 3_000
const freshMs = 10 * 60_000
/** How long keys that were fetched stay known while the set cannot be fetched again. A withdrawn key must end at some time. */
const staleMs = 24 * 60 * 60_000

/** The published keys of an issuer: fetched at the first need, again every ten minutes, and when an unknown key id appears. */
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

/** The set could not be fetched or read, as against: it was, and the key is not in it. */
export const isAway = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  !(error instanceof errors.JOSEError) ||
  error.code === 'ERR_JOSE_GENERIC'
