import type { Collection, Filter } from 'mongodb'
import type { AuditEntry } from '../domain/audit.ts'
import { dayMs } from '../domain/time.ts'
import { guarded, unlessThere } from './faults.ts'

export type AuditDocument = Omit<AuditEntry, 'id'> & { readonly _id: string; readonly expireAt: Date }

export interface AuditQuery {
  /** Undefined: entries of all tenants and of the service. */
  readonly tenant?: string
  readonly resource?: string
  readonly action?: string
  readonly limit: number
  /** Entries older than this one. Ids are ULIDs, which sort by time. */
  readonly before?: string
}

/** The record of who changed what. MongoDB removes entries after `retentionDays`. */
export const createAudit = (collection: Collection<AuditDocument>, retentionDays: number) => ({
  /** An entry with this id stays as it is: a repeated call continues it. */
  begin: async ({ id, ...entry }: AuditEntry): Promise<void> => {
    const expireAt = new Date(entry.at + retentionDays * dayMs)
    await guarded(unlessThere(collection.insertOne({ _id: id, ...entry, expireAt })))
  },

  end: async ({ id, outcome, resource, before, after }: AuditEntry): Promise<void> => {
    const found = { outcome, resource, ...(before && { before }), ...(after && { after }) }
    await guarded(collection.updateOne({ _id: id }, { $set: found }))
  },

  /** Removes the entry of a refused request, which changed nothing. */
  forget: async (id: string): Promise<void> => {
    await guarded(collection.deleteOne({ _id: id, outcome: 'begun' }))
  },

  /** Returns the newest entries first. */
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
