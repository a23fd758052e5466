import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type ExportedJWKSCache,
  type FlattenedVerifyGetKey,
  jwksCache,
} from 'jose'

export interface KeySetOptions {
  /** The time after a fetch in which an unknown key id does not fetch the set again, seconds. Requests with invented ids then cause few fetches. */
  readonly cooldownS: number
}

const timeoutMs = 3_000
export const freshMs = 10 * 60_000
/** How long after the last fetch its keys stay valid while the set cannot be fetched. The time is limited so that a withdrawn key becomes invalid. */
export const staleMs = 24 * 60 * 60_000

/** The published keys of an issuer. The set is fetched for the first signature, then every ten minutes, and for an unknown key id. */
export const createKeySet = (url: URL, { cooldownS }: KeySetOptions): FlattenedVerifyGetKey => {
  // jose writes the set and the time of each fetch into it.
  const last: ExportedJWKSCache = { jwks: { keys: [] }, uat: -Infinity }
  const remote = createRemoteJWKSet(url, {
    timeoutDuration: timeoutMs,
    cacheMaxAge: freshMs,
    cooldownDuration: cooldownS * 1_000,
    [jwksCache]: last,
  })
  return async header => {
    try {
      return await remote(header)
    } catch (error) {
      if (!isAway(error) || Date.now() - last.uat > staleMs) throw error
      return createLocalJWKSet(last.jwks)(header).catch(() => Promise.reject(error as Error))
    }
  }
}

/** Whether the set could not be fetched or read. False if it was read and does not contain the key. */
export const isAway = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  !(error instanceof errors.JOSEError) ||
  error.code === 'ERR_JOSE_GENERIC'
