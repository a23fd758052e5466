import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { Failure } from '../domain/failure.ts'
import type { IdentityProviderSettings } from '../domain/identity-provider.ts'
import { type Principal, roles } from '../domain/principal.ts'
import { tenantIdPattern } from '../domain/tenant.ts'

/** Only asymmetric ones: with HMAC the public key would be the secret (RFC 8725 §3.1). */
const algorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'Ed25519']
const clockToleranceS = 30
/** A key set is kept for jose's default of 10 minutes. */
const keySet = { timeoutDuration: 3_000, cooldownDuration: 5_000 }

/**
 * Creates a function that verifies a token of the portal's identity provider (RFC 7519, with jose) and returns its principal. It throws Failure
 * `unauthenticated`, `token_expired`, `forbidden`, or `identity_provider_unavailable`.
 */
export const createIdentityProvider = (settings: IdentityProviderSettings) => {
  const remote = createRemoteJWKSet(new URL(settings.jwksUrl), keySet)
  /** Keeps using the known keys while the provider is unreachable. */
  const keys: JWTVerifyGetKey = async header => {
    try {
      return await remote(header)
    } catch (error) {
      const known = remote.jwks()
      if (!isAway(error) || known === undefined) throw error
      return createLocalJWKSet(known)(header).catch(() => Promise.reject(error as Error))
    }
  }
  return async (token: string): Promise<Principal> => {
    const { payload } = await jwtVerify(token, keys, {
      issuer: settings.issuer,
      audience: settings.audience,
      algorithms,
      clockTolerance: clockToleranceS,
      requiredClaims: ['exp', 'sub'],
    }).catch((error: unknown) => {
      throw failureOf(error)
    })
    return principalOf(payload, settings)
  }
}

/** True when the key set could not be fetched; false when it was fetched and lacks the key. */
const isAway = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  !(error instanceof errors.JOSEError) ||
  (error.code === 'ERR_JOSE_GENERIC' && error.message.includes('JSON Web Key Set'))

const failureOf = (error: unknown): Failure => {
  if (error instanceof errors.JWTExpired)
    return new Failure('token_expired', 'The token of the identity provider has expired. Sign in again.')
  if (isAway(error))
    return new Failure(
      'identity_provider_unavailable',
      'The identity provider cannot be reached to verify the token. Retry the request.',
      {
        retryAfterS: 5,
        cause: error,
        internal: 'check DOORBELL_IDP_JWKS_URL, and that the provider answers',
      },
    )
  const { claim } = error as { claim?: string }
  return new Failure(
    'unauthenticated',
    claim === undefined
      ? 'The token is not signed by the identity provider.'
      : `The token’s claim "${claim}" is not valid for this service.`,
    { cause: error },
  )
}

const principalOf = (payload: JWTPayload, settings: IdentityProviderSettings): Principal => {
  const id = payload.sub ?? ''
  const role = at(payload, settings.roleClaim)
  const names = (Array.isArray(role) ? role : [role]).filter(name => typeof name === 'string')
  if (settings.operatorRole !== null && names.includes(settings.operatorRole)) return { kind: 'operator', id }
  const tenant = at(payload, settings.tenantClaim)
  if (typeof tenant !== 'string' || !new RegExp(tenantIdPattern).test(tenant))
    throw new Failure('forbidden', `The token’s claim "${settings.tenantClaim}" does not contain a tenant id.`)
  const granted = names.includes('admin') ? roles.admin : names.includes('viewer') ? roles.viewer : null
  if (granted === null)
    throw new Failure('forbidden', `The token’s claim "${settings.roleClaim}" is neither admin nor viewer.`)
  return { kind: 'user', id, tenant, scopes: granted }
}

/** `realm.tenant` → payload.realm.tenant. A claim with exactly this name, as namespaced claims have dots, comes first. */
const at = (payload: object, path: string): unknown => {
  if (Object.hasOwn(payload, path)) return (payload as Record<string, unknown>)[path]
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      payload,
    )
}
