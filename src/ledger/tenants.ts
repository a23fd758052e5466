import type { Collection } from 'mongodb'
import type { Tenant } from '../domain/tenant.ts'
import type { EpochMs } from '../domain/time.ts'
import { guarded } from './faults.ts'

export type TenantDocument = Omit<Tenant, 'id'> & { readonly _id: string }

const toTenant = ({ _id, name, createdAt }: TenantDocument): Tenant => ({ id: _id, name, createdAt })

export const createTenants = (collection: Collection<TenantDocument>) => ({
  put: async (id: string, name: string, now: EpochMs): Promise<'created' | 'updated'> => {
    const change = { $set: { name }, $setOnInsert: { createdAt: now } }
    const result = await guarded(collection.updateOne({ _id: id }, change, { upsert: true }))
    return result.upsertedCount === 1 ? 'created' : 'updated'
  },

  get: async (id: string): Promise<Tenant | null> => {
    const found = await guarded(collection.findOne({ _id: id }))
    return found === null ? null : toTenant(found)
  },

  /** Returns tenants in the order of their ids. */
  list: async ({ limit, after }: { limit: number; after?: string }): Promise<Tenant[]> => {
    const query = after === undefined ? {} : { _id: { $gt: after } }
    return (await guarded(collection.find(query).sort({ _id: 1 }).limit(limit).toArray())).map(toTenant)
  },
})
