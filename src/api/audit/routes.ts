import type { AuditEntry } from '../../domain/audit.ts'
import type { Operations } from '../operation/operations.ts'
import { byId, type PageQuery, readPage } from '../operation/page.ts'
import { auditOperations } from './operations.ts'
import { showEntry } from './wire.ts'

export interface AuditListDeps {
  readonly audit: {
    /** The newest first. `before`: the id of the last entry of the previous page. */
    list(query: {
      tenant?: string
      resource?: string
      action?: string
      limit: number
      before?: string
    }): Promise<AuditEntry[]>
  }
}

interface AuditQuery extends PageQuery {
  readonly resource?: string
  readonly action?: string
}

/** Who changed what. */
export const auditRoutes = (operations: Operations, { audit }: AuditListDeps): void => {
  const page = async ({ resource, action, ...query }: AuditQuery, tenant?: string) => {
    const { items, next } = await readPage(query, {
      ...byId,
      find: ({ limit, after }) =>
        audit.list({
          ...(tenant !== undefined && { tenant }),
          ...(resource !== undefined && { resource }),
          ...(action !== undefined && { action }),
          ...(after !== undefined && { before: after }),
          limit,
        }),
    })
    return { items: items.map(showEntry), next }
  }
  operations.add(auditOperations.ofTenant, ({ params: { tenant }, state: { query } }) => page(query, tenant))
  operations.add(auditOperations.ofAll, ({ state: { query } }) => page(query))
}
