import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'koa'
import { Failure, isFailure } from '../../domain/failure.ts'
import type { Principal } from '../../domain/principal.ts'
import { type AccessToken, type Scope, scopes, tenantIdPattern } from '../../domain/tenant.ts'
import type { ApiDeps } from '../deps.ts'
import { createRecent } from './recent.ts'

/** Lower-case hex SHA-256: how a token is stored. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

export interface Guard {
  /** Lets everybody pass who is known; answers with who it is. */
  known(context: Context): Promise<Principal>
  /** Lets the operator pass. */
  operator(context: Context): Promise<void>
  /** Lets the operator and the tenant's own callers with this scope pass; answers with the tenant's id, which exists. */
  tenant(context: Context, scope: Scope): Promise<string>
  /** A token that was revoked is refused from now on at this process. */
  forget(tokenId: string): void
}

const tenantId = new RegExp(tenantIdPattern)
/** Look-ups are remembered this long: a revoked token works no longer than that where NATS is away and nobody tells us. */
const rememberMs = 5_000
/** And this long while MongoDB cannot be asked: a front desk checks visitors in all the same. A revocation is told by NATS. */
const rememberWhileAwayMs = 10 * 60_000
const patienceMs = 250
const noteUseEveryMs = 60_000
/** Three parts (RFC 7515 §3.1); our own tokens have no dots. */
const looksLikeJwt = /^[\w-]+\.[\w-]+\.[\w-]*$/

/** Who the caller is, kept with the request: the audit asks too. */
export const principalOf = (context: Context): Principal | undefined =>
  (context.state as { principal?: Principal }).principal

export const createGuard = (deps: Pick<ApiDeps, 'adminToken' | 'tokens' | 'tenants' | 'identify' | 'now'>): Guard => {
  const { adminToken, tokens, tenants, identify, now } = deps
  const adminHash = Buffer.from(hashToken(adminToken))
  const remember = {
    ttlMs: rememberMs,
    staleMs: rememberWhileAwayMs,
    patienceMs,
    capacity: 10_000,
    passes: (error: unknown) => isFailure(error, 'ledger_unavailable'),
    now,
  }
  const tokenByHash = createRecent((hash: string) => tokens.byHash(hash), remember)
  const tenantById = createRecent((id: string) => tenants.get(id), remember)
  const usedAt = createUses(tokens.used, now)

  const read = async (bearerToken: string): Promise<Principal> => {
    const hash = hashToken(bearerToken)
    if (timingSafeEqual(Buffer.from(hash), adminHash)) return { kind: 'operator', id: 'operator' }
    if (identify !== null && looksLikeJwt.test(bearerToken)) return identify(bearerToken)
    const token = valid(await tokenByHash.find(hash), now())
    usedAt(token.id)
    return { kind: 'token', id: token.id, tenant: token.tenant, scopes: token.scopes }
  }
  const known = async (context: Context): Promise<Principal> => {
    const principal = await read(bearer(context))
    context.state['principal'] = principal
    return principal
  }

  return {
    known,
    operator: async context => {
      if ((await known(context)).kind !== 'operator')
        throw new Failure('forbidden', 'This call needs the operator’s rights.')
    },
    tenant: async (context, scope) => {
      const { tenant = '' } = (context as Context & { params: Record<string, string> }).params
      const principal = await known(context)
      if (principal.kind !== 'operator') {
        // The same words whether that tenant exists or not.
        if (principal.tenant !== tenant) throw new Failure('forbidden', 'The token belongs to another tenant.')
        if (!principal.scopes.includes(scope)) throw new Failure('forbidden', `The token lacks the scope ${scope}.`)
      }
      if (!tenantId.test(tenant))
        throw new Failure(
          'invalid_request',
          `"${tenant.slice(0, 60)}" is no tenant id: it must match ${tenantIdPattern}.`,
        )
      if ((await tenantById.find(tenant)) === null)
        throw new Failure('unknown_tenant', `There is no tenant "${tenant}". Create it with PUT /v1/tenants/${tenant}.`)
      return tenant
    },
    forget: tokenId => tokenByHash.forget(({ id }) => id === tokenId),
  }
}

/** The scopes of a caller. */
export const scopesOf = (principal: Principal): readonly Scope[] =>
  principal.kind === 'operator' ? scopes : principal.scopes

const valid = (token: AccessToken | null, now: number): AccessToken => {
  if (token === null) throw new Failure('unauthenticated', 'The bearer token is not known.')
  if (token.revokedAt !== undefined) throw new Failure('unauthenticated', 'The token was revoked. Ask for a new one.')
  if (token.expiresAt !== null && token.expiresAt <= now)
    throw new Failure(
      'token_expired',
      `The token expired at ${new Date(token.expiresAt).toISOString()}. Ask for a new one.`,
    )
  return token
}

/** Notes when a token was used, beside the request and at most once a minute; what cannot be written is left. */
const createUses = (used: (id: string, at: number) => Promise<void>, now: () => number) => {
  const noted = new Map<string, number>()
  return (id: string): void => {
    const at = now()
    if (at - (noted.get(id) ?? 0) < noteUseEveryMs) return
    noted.delete(id)
    noted.set(id, at)
    const [oldest] = noted.keys()
    if (noted.size > 10_000 && oldest !== undefined) noted.delete(oldest)
    void used(id, at).catch(() => undefined)
  }
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1). */
const bearer = (context: Context): string => {
  const [scheme = '', token = ''] = context.get('authorization').split(' ')
  if (scheme.toLowerCase() === 'bearer' && token !== '') return token
  throw new Failure('unauthenticated', 'Send the header Authorization: Bearer <token>.')
}
