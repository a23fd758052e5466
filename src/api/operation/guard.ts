import { createHash, timingSafeEqual } from 'node:crypto'
import { Failure, isFailure } from '../../domain/failure.ts'
import type { Principal } from '../../domain/principal.ts'
import { type AccessToken, type Scope, type Tenant, tenantIdPattern } from '../../domain/tenant.ts'
import type { EpochMs } from '../../domain/time.ts'
import { createRecent, type Wait } from './recent.ts'
import { noteUses } from './token-uses.ts'

/** What the guard needs of the service. */
export interface GuardDeps {
  readonly adminToken: string
  readonly tokens: {
    byHash(hash: string): Promise<AccessToken | null>
    used(id: string, now: EpochMs): Promise<void>
  }
  readonly tenants: { get(id: string): Promise<Tenant | null> }
  /** The user of a token of the portal’s identity provider; null: there is no provider. */
  readonly identify: ((token: string) => Promise<Principal>) | null
  readonly now: () => EpochMs
  /** For tests: waits for a look-up that takes long. */
  readonly wait?: Wait
}

export interface Guard {
  /** Finds out who sends this Authorization header. Throws Failure `unauthenticated` or `token_expired`. */
  identify(authorization: string): Promise<Principal>
  /** Throws a Failure unless the caller may do this for the tenant, and the tenant exists. */
  admit(principal: Principal, tenant: string, scope: Scope): Promise<void>
  /** This process refuses the token from now on. */
  forget(tokenId: string): void
}

/** Lower-case hex SHA-256: the form in which a token is stored. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

const validTenantId = new RegExp(tenantIdPattern)
/** Three parts (RFC 7515 §3.1); Doorbell’s own tokens have no dots. */
const looksLikeJwt = /^[\w-]+\.[\w-]+\.[\w-]*$/

export const memory = {
  /** A revoked token works no longer than this at a process that NATS cannot reach. */
  ttlMs: 5_000,
  /** While MongoDB is away, front desks go on checking visitors in. Revocations arrive over NATS. */
  staleMs: 10 * 60_000,
  patienceMs: 250,
  capacity: 10_000,
  passes: (error: unknown) => isFailure(error, 'ledger_unavailable'),
}

/** Decides who a caller is and what the caller may do. It remembers tokens and tenants for a while. */
export const createGuard = ({ adminToken, tokens, tenants, identify, now, wait }: GuardDeps): Guard => {
  const adminHash = Buffer.from(hashToken(adminToken))
  const limits = { ...memory, now, ...(wait && { wait }) }
  const tokenByHash = createRecent((hash: string) => tokens.byHash(hash), limits)
  const tenantById = createRecent((id: string) => tenants.get(id), limits)
  const noteUse = noteUses((id, at) => tokens.used(id, at), now)

  return {
    identify: async authorization => {
      const bearerToken = readBearer(authorization)
      const hash = hashToken(bearerToken)
      if (timingSafeEqual(Buffer.from(hash), adminHash)) return { kind: 'operator', id: 'operator' }
      if (identify !== null && looksLikeJwt.test(bearerToken)) return identify(bearerToken)
      const token = validAt(await tokenByHash.find(hash), now())
      noteUse(token.id)
      return { kind: 'token', id: token.id, tenant: token.tenant, scopes: token.scopes }
    },
    admit: async (principal, tenant, scope) => {
      if (principal.kind !== 'operator') {
        // The same words whether that tenant exists or not.
        if (principal.tenant !== tenant) throw new Failure('forbidden', 'The token belongs to another tenant.')
        if (!principal.scopes.includes(scope))
          throw new Failure('forbidden', `The token does not have the scope ${scope}.`)
      }
      if (!validTenantId.test(tenant))
        throw new Failure(
          'invalid_request',
          `"${tenant.slice(0, 60)}" is not a tenant id: it must match ${tenantIdPattern}.`,
        )
      if ((await tenantById.find(tenant)) === null)
        throw new Failure('unknown_tenant', `There is no tenant "${tenant}". Create it with PUT /v1/tenants/${tenant}.`)
    },
    forget: tokenId => tokenByHash.forget(({ id }) => id === tokenId),
  }
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1). */
const readBearer = (authorization: string): string => {
  const [scheme = '', token = ''] = authorization.split(' ')
  if (scheme.toLowerCase() === 'bearer' && token !== '') return token
  throw new Failure('unauthenticated', 'Send the header Authorization: Bearer <token>.')
}

const validAt = (token: AccessToken | null, now: EpochMs): AccessToken => {
  if (token === null) throw new Failure('unauthenticated', 'The bearer token is not known.')
  if (token.revokedAt !== undefined) throw new Failure('unauthenticated', 'The token was revoked. Ask for a new one.')
  if (token.expiresAt !== null && token.expiresAt <= now)
    throw new Failure(
      'token_expired',
      `The token expired at ${new Date(token.expiresAt).toISOString()}. Ask for a new one.`,
    )
  return token
}
