import { Failure } from '../../domain/failure.ts'
import type { Principal } from '../../domain/principal.ts'
import { type AccessToken, type Scope, scopes, type Tenant } from '../../domain/tenant.ts'
import type { EpochMs } from '../../domain/time.ts'
import { type Guard, hashToken } from '../operation/guard.ts'
import type { Operations } from '../operation/operations.ts'
import { byId, readPage } from '../operation/page.ts'
import { tokenOperations } from './operations.ts'
import { showToken } from './wire.ts'

export interface TokenDeps {
  readonly tokens: {
    /** A token with this id stays as it is. */
    insert(token: AccessToken): Promise<void>
    list(tenant: string, page: { limit: number; after?: string }): Promise<AccessToken[]>
    /** The token as it was; null: there is none. */
    revoke(tenant: string, id: string, now: EpochMs): Promise<AccessToken | null>
  }
  readonly tenants: { get(id: string): Promise<Tenant | null> }
  /** Makes all processes refuse a revoked token. */
  readonly wake: (id: string) => void
  readonly now: () => EpochMs
}

/** A tenant’s access tokens, which are stored as hashes and shown once; and who the caller is. */
export const tokenRoutes = (operations: Operations, deps: TokenDeps, guard: Pick<Guard, 'forget'>): void => {
  const { tokens, tenants, now } = deps

  operations.add(tokenOperations.me, async ({ state: { principal } }) => {
    const { kind, id } = principal
    const role: 'operator' | 'tenant' = kind === 'operator' ? 'operator' : 'tenant'
    const tenant = principal.kind === 'operator' ? null : principal.tenant
    return {
      role,
      kind,
      id,
      tenant,
      name: tenant === null ? null : ((await tenants.get(tenant))?.name ?? null),
      scopes: scopesOf(principal),
    }
  })

  operations.add(
    tokenOperations.create,
    async ({ params: { tenant }, state: { principal, identity, body, record } }) => {
      const { description, expiresAt } = body
      refuseFurtherScopes(body.scopes, principal)
      const createdAt = identity.at
      const expires = expiresAt === undefined ? null : Date.parse(expiresAt)
      if (expires !== null && expires <= createdAt)
        throw new Failure('invalid_request', 'expiresAt lies in the past.', {
          faults: [{ pointer: '/expiresAt', detail: 'must lie in the future' }],
        })
      const token = `dbt_${identity.bytes('token').toString('base64url')}`
      const id = identity.id('tok')
      await tokens.insert({
        id,
        tenant,
        ...(description !== undefined && { description }),
        hash: hashToken(token),
        scopes: body.scopes,
        createdAt,
        createdBy: principal.id,
        expiresAt: expires,
      })
      record({ id, after: body })
      return { id, token, scopes: body.scopes, expiresAt: expiresAt ?? null }
    },
  )

  operations.add(tokenOperations.list, async ({ params: { tenant }, state: { query } }) => {
    const { items, next } = await readPage(query, {
      ...byId,
      find: ({ limit, after }) => tokens.list(tenant, { limit, ...(after !== undefined && { after }) }),
    })
    return { items: items.map(showToken), next }
  })

  operations.add(tokenOperations.revoke, async ({ params: { tenant, id }, state: { record } }) => {
    const token = await tokens.revoke(tenant, id, now())
    if (token === null) throw new Failure('not_found', 'There is no such token.')
    guard.forget(token.id)
    deps.wake(token.id)
    record({ before: { scopes: token.scopes, description: token.description } })
  })
}

const scopesOf = (principal: Principal): readonly Scope[] => (principal.kind === 'operator' ? scopes : principal.scopes)

/** A portal administrator may let a system publish events, although administrators do not publish events themselves. */
const refuseFurtherScopes = (wanted: readonly Scope[], creator: Principal): void => {
  const mayGive = (scope: Scope) =>
    scopesOf(creator).includes(scope) || (scope === 'events:write' && creator.kind === 'user')
  const further = wanted.find(scope => !mayGive(scope))
  if (further !== undefined)
    throw new Failure('forbidden', `You cannot give the scope ${further}, which you do not have.`)
}
