import type { Collection, Filter } from 'mongodb'
import type { OwnRetention } from '../domain/retention.ts'
import { dayMs, type EpochMs } from '../domain/time.ts'
import { endWithoutContent, removeContent } from './content.ts'
import type { DeliveryDocument } from './delivery-document.ts'
import { guarded } from './faults.ts'

/** The fields of a tenant's document that concern retention. */
export interface RetentionFields {
  readonly retention?: OwnRetention
  /** The content of rows up to this moment is removed. */
  readonly contentRemovedTo?: EpochMs
}
type TenantDocument = RetentionFields & { readonly _id: string }

export interface TenantRetention {
  readonly tenant: string
  readonly own: OwnRetention
  readonly contentRemovedTo: EpochMs
}

/** The result of one batch. */
export interface Removed {
  /** The number of waiting rows that were ended, by subscription. */
  readonly ended: ReadonlyMap<string, number>
  /** The number of final rows whose body and answers were removed. */
  readonly contents: number
  /** False when no older row is left. */
  readonly more: boolean
}

/** A write that was under way at the end of its row's retention may be this late. */
const lookBackMs = dayMs
export const batchLimit = 500

const toRetention = ({ _id, retention = {}, contentRemovedTo = 0 }: TenantDocument): TenantRetention => ({
  tenant: _id,
  own: retention,
  contentRemovedTo,
})

export const createRetention = <T extends { readonly _id: string }>(
  anyTenants: Collection<T>,
  deliveries: Collection<DeliveryDocument>,
) => {
  const tenants = anyTenants as unknown as Collection<TenantDocument>
  const projection = { retention: 1, contentRemovedTo: 1 } as const
  return {
    /** Returns null for an unknown tenant. */
    get: async (tenant: string): Promise<TenantRetention | null> => {
      const found = await guarded(tenants.findOne({ _id: tenant }, { projection }))
      return found === null ? null : toRetention(found)
    },

    /** Replaces the tenant's own settings; a setting that is left out follows the operator's. */
    put: async (tenant: string, retention: OwnRetention): Promise<void> => {
      await guarded(tenants.updateOne({ _id: tenant }, { $set: { retention } }))
    },

    /** Returns a page of all tenants, in the order of their ids. */
    list: async (after: string, limit: number): Promise<TenantRetention[]> => {
      const found = tenants.find({ _id: { $gt: after } }, { projection }).sort({ _id: 1 })
      return (await guarded(found.limit(limit).toArray())).map(toRetention)
    },

    /** Returns the longest payload retention that a tenant has set; 0 when no tenant has set it. */
    longestPayloadDays: async (): Promise<number> => {
      const query = { 'retention.payloadDays': { $exists: true } }
      const found = await guarded(tenants.find(query, { projection }).toArray())
      return Math.max(0, ...found.map(({ retention }) => retention?.payloadDays ?? 0))
    },

    /** Removes the content of the next rows that were accepted before this moment, and ends those that still wait. */
    removeContent: async (
      { tenant, contentRemovedTo }: TenantRetention,
      before: EpochMs,
      now: EpochMs,
    ): Promise<Removed> => {
      const query: Filter<DeliveryDocument> = {
        tenant,
        createdAt: { $gte: contentRemovedTo - lookBackMs, $lt: before },
        $or: [{ open: true }, { body: { $exists: true } }, { 'attempts.response': { $exists: true } }],
      }
      const found = deliveries.find(query).project<{ _id: string; subscriptionId: string; open?: true }>({
        subscriptionId: 1,
        open: 1,
      })
      const rows = await guarded(found.limit(batchLimit).toArray())
      const ended = new Map<string, number>()
      const open = Map.groupBy(
        rows.filter(row => row.open === true),
        ({ subscriptionId }) => subscriptionId,
      )
      for (const [subscriptionId, waiting] of open) {
        // A row that its supervisor ends in between is found again by the next batch, as a final one.
        const filter: Filter<DeliveryDocument> = { _id: { $in: waiting.map(({ _id }) => _id) }, open: true }
        const end = endWithoutContent('dead', 'content_expired', 'retention', now)
        ended.set(subscriptionId, (await guarded(deliveries.updateMany(filter, end))).modifiedCount)
      }
      const final = rows.filter(row => row.open !== true).map(({ _id }) => _id)
      const filter: Filter<DeliveryDocument> = { _id: { $in: final }, open: { $exists: false } }
      const { modifiedCount: contents } = await guarded(deliveries.updateMany(filter, removeContent('retention')))
      return { ended, contents, more: rows.length === batchLimit }
    },

    /** Stores the progress of `removeContent`, so that the next run starts there. */
    contentRemoved: async (tenant: string, contentRemovedTo: EpochMs): Promise<void> => {
      await guarded(tenants.updateOne({ _id: tenant }, { $max: { contentRemovedTo } }))
    },

    /** Removes the next final rows that were accepted before this moment. */
    removeRows: async (tenant: string, before: EpochMs): Promise<{ removed: number; more: boolean }> => {
      const query: Filter<DeliveryDocument> = { tenant, createdAt: { $lt: before }, open: { $exists: false } }
      const found = deliveries
        .find(query, { projection: { _id: 1 } })
        .sort({ createdAt: 1 })
        .limit(batchLimit)
      const ids = (await guarded(found.toArray())).map(({ _id }) => _id)
      if (ids.length === 0) return { removed: 0, more: false }
      const filter: Filter<DeliveryDocument> = { _id: { $in: ids }, open: { $exists: false } }
      const { deletedCount } = await guarded(deliveries.deleteMany(filter))
      return { removed: deletedCount, more: ids.length === batchLimit }
    },
  }
}
