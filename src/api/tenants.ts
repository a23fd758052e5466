import { randomBytes } from 'node:crypto'
import type Router from '@koa/router'
import { Type } from 'typebox'
import { ulid } from 'ulid'
import { Failure } from '../domain/failure.ts'
import { type AccessToken, scopes, tenantIdPattern, type Scope } from '../domain/tenant.ts'
import { type Guard, hashToken } from './auth.ts'
import { readJson } from './body.ts'
import type { ApiDeps } from './deps.ts'
import { createRequestCheck } from './request-check.ts'

export const tenantSchema = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: false },
)

export const tokenSchema = Type.Object(
  {
    scopes: Type.Array(Type.Enum([...scopes]), { minItems: 1, uniqueItems: true }),
    expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'Default: never' })),
  },
  { additionalProperties: false },
)

const bodyLimit = 16 * 1_024

/** Tenants and their tokens: the operator's calls. */
export const tenantRoutes = (router: Router, deps: ApiDeps, guard: Guard): void => {
  const tenantOf = createRequestCheck<{ name: string }>(tenantSchema)
  const tokenOf = createRequestCheck<{ scopes: Scope[]; expiresAt?: string }>(tokenSchema)
  const validId = new RegExp(tenantIdPattern)

  router.put('/v1/tenants/:tenant', async context => {
    guard.operator(context)
    const { tenant = '' } = context.params
    if (!validId.test(tenant)) throw new Failure('invalid_request', `A tenant id must match ${tenantIdPattern}.`)
    const { name } = tenantOf(await readJson(context, bodyLimit))
    const result = await deps.tenants.put(tenant, name, deps.now())
    context.status = result === 'created' ? 201 : 200
    context.body = { id: tenant, name }
  })

  router.post('/v1/tenants/:tenant/tokens', async context => {
    guard.operator(context)
    const tenant = await guard.tenant(context, 'subscriptions:write')
    const wanted = tokenOf(await readJson(context, bodyLimit))
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
