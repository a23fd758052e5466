import type { AuditEntry } from '../../domain/audit.ts'
import { defaultLimit, pageOf, readCursor } from '../operation/page.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { auditOperations } from './operations.ts'

const isId = (value: unknown): value is string => typeof value === 'string'

/** Who changed what: of a tenant, and for the operator of all and of the service itself. */
export const auditRoutes = (operations: Operations, { audit }: Pick<ApiDeps, 'audit'>): void => {
  interface Query {
    readonly resource?: string
    readonly action?: string
    readonly limit?: number
    readonly cursor?: string
  }
  const page = async ({ limit = defaultLimit, cursor, ...equal }: Query, tenant?: string) => {
    const before = readCursor(cursor, isId)
    const found = await audit.list({
      ...equal,
      ...(tenant === undefined ? {} : { tenant }),
      ...(before === undefined ? {} : { before }),
      limit: limit + 1,
    })
    const { items, next } = pageOf(found, limit, ({ id }) => id)
    return { items: items.map(show), next }
  }
  operations.add(auditOperations.ofTenant, async (context, { tenant, query }) => {
    context.body = await page(query, tenant)
  })
  operations.add(auditOperations.ofAll, async (context, { query }) => {
    context.body = await page(query)
  })
}

const show = ({ at, ...entry }: AuditEntry) => ({ ...entry, at: new Date(at).toISOString() })
