import { place, replacePlace } from '../../router.ts'

/** The filters of the audit, as they are kept in the address. */
export interface AuditQuery {
  readonly action?: string | undefined
  /** The id of what was changed. */
  readonly resource?: string | undefined
  /** `all`: the entries of all tenants and of the service. */
  readonly of?: string | undefined
}

export const auditQuery = (): AuditQuery => {
  const { query } = place.value
  return Object.fromEntries(['action', 'resource', 'of'].map(name => [name, query.get(name) ?? undefined]))
}

/** Changes some filters in the address. */
export const narrow = (change: AuditQuery): void => replacePlace('/audit', { ...auditQuery(), ...change })
