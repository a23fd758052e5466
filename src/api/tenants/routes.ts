import { Failure } from '../../domain/failure.ts'
import { tenantIdPattern } from '../../domain/tenant.ts'
import { type Guard, scopesOf } from '../operation/guard.ts'
import { defaultLimit, pageOf, readCursor } from '../operation/page.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { tenantOperations } from './operations.ts'

const isId = (value: unknown): value is string => typeof value === 'string'

/** The platform's customers; and who the caller is. */
export const tenantRoutes = (operations: Operations, deps: ApiDeps, guard: Guard): void => {
  const validId = new RegExp(tenantIdPattern)

  operations.add(tenantOperations.list, async (context, { query: { limit = defaultLimit, cursor } }) => {
    const after = readCursor(cursor, isId)
    const found = await deps.tenants.list({ limit: limit + 1, ...(after === undefined ? {} : { after }) })
    const { items, next } = pageOf(found, limit, ({ id }) => id)
    context.body = { items: items.map(({ id, name }) => ({ id, name })), next }
  })

  operations.add(tenantOperations.put, async (context, { params: { tenant = '' }, body: { name }, tell }) => {
    if (!validId.test(tenant)) throw new Failure('invalid_request', `A tenant id must match ${tenantIdPattern}.`)
    const before = await deps.tenants.get(tenant)
    const result = await deps.tenants.put(tenant, name, deps.now())
    tell({ before: before === null ? {} : { name: before.name }, after: { name } })
    context.status = result === 'created' ? 201 : 200
    context.body = { id: tenant, name }
  })

  operations.add(tenantOperations.me, async context => {
    const principal = await guard.known(context)
    const tenant = principal.kind === 'operator' ? null : principal.tenant
    context.body = {
      role: principal.kind === 'operator' ? 'operator' : 'tenant',
      kind: principal.kind,
      id: principal.id,
      tenant,
      name: tenant === null ? null : ((await deps.tenants.get(tenant))?.name ?? null),
      scopes: scopesOf(principal),
    }
  })
}
