import { randomBytes } from 'node:crypto'
import { ulid } from 'ulid'
import { Failure } from '../../domain/failure.ts'
import type { AccessToken } from '../../domain/tenant.ts'
import { type Guard, hashToken, principalOf, scopesOf } from '../operation/guard.ts'
import { defaultLimit, pageOf, readCursor } from '../operation/page.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { tenantOperations } from '../tenants/operations.ts'

const isId = (value: unknown): value is string => typeof value === 'string'

/** A tenant's access tokens: stored as hashes, shown once. */
export const tokenRoutes = (operations: Operations, deps: ApiDeps, guard: Guard): void => {
  operations.add(tenantOperations.createToken, async (context, { tenant, body: wanted, tell }) => {
    const maker = principalOf(context)
    const beyond = wanted.scopes.find(scope => maker === undefined || !scopesOf(maker).includes(scope))
    // The portal's administrators may let a system of theirs publish, although they do not publish themselves.
    if (beyond !== undefined && !(beyond === 'events:write' && maker?.kind === 'user'))
      throw new Failure('forbidden', `You may not give ${beyond}, which you have not.`)
    const expiresAt = wanted.expiresAt === undefined ? null : Date.parse(wanted.expiresAt)
    if (expiresAt !== null && expiresAt <= deps.now())
      throw new Failure('invalid_request', 'expiresAt lies in the past.', {
        faults: [{ pointer: '/expiresAt', detail: 'must lie in the future' }],
      })
    const token = `dbt_${randomBytes(32).toString('base64url')}`
    const { scopes, description } = wanted
    const stored: AccessToken = {
      id: `tok_${ulid(deps.now())}`,
      tenant,
      ...(description === undefined ? {} : { description }),
      hash: hashToken(token),
      scopes,
      createdAt: deps.now(),
      createdBy: maker?.id ?? '',
      expiresAt,
    }
    await deps.tokens.insert(stored)
    tell({ id: stored.id, after: { scopes, description, expiresAt: wanted.expiresAt } })
    context.status = 201
    context.body = { id: stored.id, token, scopes, expiresAt: wanted.expiresAt ?? null }
  })

  operations.add(tenantOperations.listTokens, async (context, { tenant, query: { limit = defaultLimit, cursor } }) => {
    const after = readCursor(cursor, isId)
    const found = await deps.tokens.list(tenant, { limit: limit + 1, ...(after === undefined ? {} : { after }) })
    const { items, next } = pageOf(found, limit, ({ id }) => id)
    context.body = { items: items.map(show), next }
  })

  operations.add(tenantOperations.revokeToken, async (context, { tenant, params: { id = '' }, tell }) => {
    const token = await deps.tokens.revoke(tenant, id, deps.now())
    if (token === null) throw new Failure('not_found', 'There is no such token.')
    guard.forget(token.id)
    deps.wake(token.id)
    tell({ before: { scopes: token.scopes, description: token.description } })
    context.status = 204
  })
}

const show = ({ id, description, scopes, createdBy, ...at }: AccessToken) => ({
  id,
  ...(description === undefined ? {} : { description }),
  scopes,
  createdAt: iso(at.createdAt),
  ...(createdBy === undefined ? {} : { createdBy }),
  expiresAt: at.expiresAt === null ? null : iso(at.expiresAt),
  lastUsedAt: at.lastUsedAt === undefined ? null : iso(at.lastUsedAt),
  revokedAt: at.revokedAt === undefined ? null : iso(at.revokedAt),
})

const iso = (at: number): string => new Date(at).toISOString()
