import { type Collection, type Filter, MongoServerError } from 'mongodb'
import type { Delivery, DeliveryStatus } from '../domain/delivery.ts'
import { Failure } from '../domain/failure.ts'
import type { EpochMs } from '../domain/time.ts'
import { createDeliveryActions } from './delivery-actions.ts'
import { createDeliveryBacklog } from './delivery-backlog.ts'
import { createDeliveryBatches } from './delivery-batches.ts'
import { type DeliveryDocument, ofEvent, toDelivery } from './delivery-document.ts'
import { createDeliveryEndings } from './delivery-endings.ts'
import { guarded } from './faults.ts'
import type { LedgerObserver } from './observer.ts'
import { type Heal, noHeal } from './upkeep/heal.ts'

export interface DeliveryQuery {
  readonly tenant: string
  readonly eventId?: string
  readonly subscriptionId?: string
  readonly visitId?: string
  readonly status?: DeliveryStatus
  readonly type?: string
  /** Created at or after this moment, … */
  readonly from?: EpochMs
  /** … and before this one. */
  readonly to?: EpochMs
  readonly limit: number
  /** Rows older than the one with this `createdAt` and id. */
  readonly before?: { readonly createdAt: EpochMs; readonly id: string }
}

/** The delivery ledger: log, retry schedule and backlog, with one row for each event and subscription. */
export type Deliveries = ReturnType<typeof createDeliveries>

export const createDeliveries = (
  collection: Collection<DeliveryDocument>,
  observer: LedgerObserver,
  heal: Heal = noHeal,
) => ({
  ...createDeliveryBatches(collection, observer, heal),
  ...createDeliveryBacklog(collection),
  ...createDeliveryEndings(collection),
  ...createDeliveryActions(collection),

  /** Returns a tenant's rows, newest first. */
  list: async (query: DeliveryQuery): Promise<Delivery[]> => {
    const found = collection
      .find({ $and: conditionsOf(query) })
      .sort({ createdAt: -1, _id: -1 })
      .limit(query.limit)
      .maxTimeMS(searchWithinMs)
    return (await guarded(found.toArray().catch(tooWide))).map(toDelivery)
  },

  get: async (tenant: string, id: string): Promise<Delivery | null> => {
    const row = await guarded(collection.findOne({ _id: id, tenant }))
    return row === null ? null : toDelivery(row)
  },
})

/** A search by a field without an index reads a tenant's rows one by one: it must end before it costs the check-ins their disk. */
const searchWithinMs = 5_000

/** MongoDB's code for a command that took longer than its `maxTimeMS`. */
const maxTimeExpired = 50

const tooWide = (error: unknown): never => {
  if (!(error instanceof MongoServerError) || error.code !== maxTimeExpired) throw error
  throw new Failure(
    'search_too_wide',
    `The search read deliveries for ${searchWithinMs / 1_000} s without filling a page. Name an eventId or a visitId, or a shorter time with from and to.`,
    { cause: error },
  )
}

const conditionsOf = ({ tenant, eventId, limit: _, before, from, to, ...equal }: DeliveryQuery) => {
  const conditions: Filter<DeliveryDocument>[] = [{ tenant, ...equal }]
  if (eventId !== undefined) conditions.push(ofEvent(eventId))
  if (from !== undefined) conditions.push({ createdAt: { $gte: from } })
  if (to !== undefined) conditions.push({ createdAt: { $lt: to } })
  if (before !== undefined)
    conditions.push({
      $or: [{ createdAt: { $lt: before.createdAt } }, { createdAt: before.createdAt, _id: { $lt: before.id } }],
    })
  return conditions
}
