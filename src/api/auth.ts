import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'koa'
import { Failure } from '../domain/failure.ts'
import { type AccessToken, type Scope, tenantIdPattern } from '../domain/tenant.ts'
import type { ApiDeps } from './deps.ts'
import { createRecent } from './recent.ts'

/** Lower-case hex SHA-256: how a token is stored. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

export interface Guard {
  /** Lets everybody pass whose token is known and has not expired. */
  known(context: Context): Promise<void>
  /** Lets the operator pass. */
  operator(context: Context): void | Promise<void>
  /** Lets the operator and the tenant's own tokens with this scope pass; answers with the tenant's id, which exists. */
  tenant(context: Context, scope: Scope): Promise<string>
}

const tenantId = new RegExp(tenantIdPattern)

/** Look-ups are remembered this long: a revoked token works no longer than that. */
const rememberMs = 5_000

export const createGuard = ({
  adminToken,
  tokens,
  tenants,
  now,
}: Pick<ApiDeps, 'adminToken' | 'tokens' | 'tenants' | 'now'>): Guard => {
  const adminHash = Buffer.from(hashToken(adminToken))
  const tokenByHash = createRecent((hash: string) => tokens.byHash(hash), { ttlMs: rememberMs, capacity: 10_000, now })
  const tenantById = createRecent((id: string) => tenants.get(id), { ttlMs: rememberMs, capacity: 10_000, now })
  const isOperator = (hash: string) => timingSafeEqual(Buffer.from(hash), adminHash)

  const checkKnown: (token: AccessToken | null) => asserts token is AccessToken = token => {
    if (token === null) throw new Failure('unauthenticated', 'The bearer token is not known.')
    if (token.expiresAt !== null && token.expiresAt <= now())
      throw new Failure(
        'token_expired',
        `The token expired at ${new Date(token.expiresAt).toISOString()}. Ask for a new one.`,
      )
  }

  const checkToken = (token: AccessToken | null, tenant: string, scope: Scope): void => {
    checkKnown(token)
    // The same words whether that tenant exists or not.
    if (token.tenant !== tenant) throw new Failure('forbidden', 'The token belongs to another tenant.')
    if (!token.scopes.includes(scope)) throw new Failure('forbidden', `The token lacks the scope ${scope}.`)
  }

  return {
    known: async context => {
      const hash = hashToken(bearer(context))
      if (!isOperator(hash)) checkKnown(await tokenByHash(hash))
    },
    operator: context => {
      const hash = hashToken(bearer(context))
      if (!isOperator(hash)) throw new Failure('forbidden', 'This call needs the operator’s token.')
    },
    tenant: async (context, scope) => {
      const { tenant = '' } = (context as Context & { params: Record<string, string> }).params
      const hash = hashToken(bearer(context))
      if (!isOperator(hash)) checkToken(await tokenByHash(hash), tenant, scope)
      if (!tenantId.test(tenant))
        throw new Failure(
          'invalid_request',
          `"${tenant.slice(0, 60)}" is no tenant id: it must match ${tenantIdPattern}.`,
        )
      if ((await tenantById(tenant)) === null)
        throw new Failure('unknown_tenant', `There is no tenant "${tenant}". Create it with PUT /v1/tenants/${tenant}.`)
      return tenant
    },
  }
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1). */
const bearer = (context: Context): string => {
  const [scheme = '', token = ''] = context.get('authorization').split(' ')
  if (scheme.toLowerCase() === 'bearer' && token !== '') return token
  throw new Failure('unauthenticated', 'Send the header Authorization: Bearer <token>.')
}
