import type { Collection, Filter } from 'mongodb'
import type { AuditEntry } from '../domain/audit.ts'
import { dayMs } from '../domain/time.ts'
import { guarded } from './faults.ts'

export type AuditDocument = Omit<AuditEntry, 'id'> & { readonly _id: string; readonly expireAt: Date }

export interface AuditQuery {
  /** Undefined: of all tenants and of the service. */
  readonly tenant?: string
  readonly resource?: string
  readonly action?: string
  readonly limit: number
  /** Entries older than this one. Ids are ULIDs: they sort by time. */
  readonly before?: string
}

/** Who changed what. Entries end by themselves after `retentionDays`. */
export const createAudit = (collection: Collection<AuditDocument>, retentionDays: number) => ({
  begin: async ({ id, ...entry }: AuditEntry): Promise<void> => {
    await guarded(collection.insertOne({ _id: id, ...entry, expireAt: new Date(entry.at + retentionDays * dayMs) }))
  },

  end: async ({ id, outcome, resource, before, after }: AuditEntry): Promise<void> => {
    const found = { outcome, resource, ...(before && { before }), ...(after && { after }) }
    await guarded(collection.updateOne({ _id: id }, { $set: found }))
  },

  /** Nothing was changed: the request was refused. */
  forget: async (id: string): Promise<void> => {
    await guarded(collection.deleteOne({ _id: id, outcome: 'begun' }))
  },

  /** The newest first. */
  list: async ({ tenant, resource, action, limit, before }: AuditQuery): Promise<AuditEntry[]> => {
    const query: Filter<AuditDocument> = {
      ...(tenant === undefined ? {} : { tenant }),
      ...(resource === undefined ? {} : { 'resource.id': resource }),
      ...(action === undefined ? {} : { action }),
      ...(before === undefined ? {} : { _id: { $lt: before } }),
    }
    const found = await guarded(collection.find(query).sort({ _id: -1 }).limit(limit).toArray())
    return found.map(({ _id, expireAt: _, ...entry }) => ({ id: _id, ...entry }))
  },
})
