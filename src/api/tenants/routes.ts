import { Failure } from '../../domain/failure.ts'
import { type Tenant, tenantIdPattern } from '../../domain/tenant.ts'
import type { EpochMs } from '../../domain/time.ts'
import type { Operations } from '../operation/operations.ts'
import { byId, readPage } from '../operation/page.ts'
import { tenantOperations } from './operations.ts'

export interface TenantDeps {
  readonly tenants: {
    put(id: string, name: string, now: EpochMs): Promise<'created' | 'updated'>
    get(id: string): Promise<Tenant | null>
    list(page: { limit: number; after?: string }): Promise<Tenant[]>
  }
  readonly now: () => EpochMs
}

const validId = new RegExp(tenantIdPattern)

/** The customers of the platform. */
export const tenantRoutes = (operations: Operations, { tenants, now }: TenantDeps): void => {
  operations.add(tenantOperations.list, ({ state: { query } }) =>
    readPage(query, {
      ...byId,
      find: ({ limit, after }) => tenants.list({ limit, ...(after !== undefined && { after }) }),
    }),
  )

  operations.add(tenantOperations.put, async context => {
    const { tenant: id } = context.params
    const { name } = context.state.body
    if (!validId.test(id)) throw new Failure('invalid_request', `A tenant id must match ${tenantIdPattern}.`)
    const before = await tenants.get(id)
    const result = await tenants.put(id, name, now())
    context.state.record({ before: before ?? {}, after: { name } })
    context.status = result === 'created' ? 201 : 200
    return { id, name }
  })
}
