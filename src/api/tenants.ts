import { randomBytes } from 'node:crypto'
import { ulid } from 'ulid'
import { Failure } from '../domain/failure.ts'
import { type AccessToken, tenantIdPattern } from '../domain/tenant.ts'
import { type Guard, hashToken } from './auth.ts'
import type { ApiDeps } from './deps.ts'
import type { Operations } from './operation.ts'
import { tenantOperations } from './operations/tenants.ts'

/** Tenants and their tokens: the operator's calls. */
export const tenantRoutes = (operations: Operations, deps: ApiDeps, guard: Guard): void => {
  const validId = new RegExp(tenantIdPattern)

  operations.add(tenantOperations.put, async (context, { params: { tenant = '' }, body: { name } }) => {
    if (!validId.test(tenant)) throw new Failure('invalid_request', `A tenant id must match ${tenantIdPattern}.`)
    const result = await deps.tenants.put(tenant, name, deps.now())
    context.status = result === 'created' ? 201 : 200
    context.body = { id: tenant, name }
  })

  operations.add(tenantOperations.createToken, async (context, { body: wanted }) => {
    const tenant = await guard.tenant(context, 'subscriptions:write')
    const expiresAt = wanted.expiresAt === undefined ? null : Date.parse(wanted.expiresAt)
    if (expiresAt !== null && expiresAt <= deps.now())
      throw new Failure('invalid_request', 'expiresAt lies in the past.', {
        faults: [{ pointer: '/expiresAt', detail: 'must lie in the future' }],
      })
    const token = `dbt_${randomBytes(32).toString('base64url')}`
    const stored: AccessToken = {
      id: `tok_${ulid()}`,
      tenant,
      hash: hashToken(token),
      scopes: wanted.scopes,
      createdAt: deps.now(),
      expiresAt,
    }
    await deps.tokens.insert(stored)
    context.status = 201
    context.body = { id: stored.id, token, scopes: stored.scopes, expiresAt: wanted.expiresAt ?? null }
  })
}
