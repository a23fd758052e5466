import type { ChangeStream, Collection } from 'mongodb'
import type { Subscription } from '../domain/subscription.ts'
import type { EpochMs } from '../domain/time.ts'
import { guarded } from './faults.ts'

export type SubscriptionDocument = Omit<Subscription, 'id'> & { readonly _id: string }

const toDocument = ({ id, ...rest }: Subscription): SubscriptionDocument => ({ _id: id, ...rest })
const toSubscription = ({ _id, ...rest }: SubscriptionDocument): Subscription => ({ id: _id, ...rest })

export type SubscriptionChange =
  { readonly type: 'changed'; readonly subscription: Subscription } | { readonly type: 'removed'; readonly id: string }

/** What the customers configured. */
export type Subscriptions = ReturnType<typeof createSubscriptions>

export const createSubscriptions = (collection: Collection<SubscriptionDocument>) => ({
  insert: async (subscription: Subscription): Promise<void> => {
    await guarded(collection.insertOne(toDocument(subscription)))
  },

  get: async (tenant: string, id: string): Promise<Subscription | null> => {
    const found = await guarded(collection.findOne({ _id: id, tenant }))
    return found === null ? null : toSubscription(found)
  },

  /** In the order of ids, which is the order of creation. */
  list: async (tenant: string, { limit, after }: { limit: number; after?: string }): Promise<Subscription[]> => {
    const query = after === undefined ? { tenant } : { tenant, _id: { $gt: after } }
    return (await guarded(collection.find(query).sort({ _id: 1 }).limit(limit).toArray())).map(toSubscription)
  },

  /** False when somebody changed or deleted it meanwhile. */
  replace: async (subscription: Subscription, expectedVersion: number): Promise<boolean> => {
    const { _id, ...replacement } = toDocument(subscription)
    const { tenant } = subscription
    const result = await guarded(collection.replaceOne({ _id, tenant, version: expectedVersion }, replacement))
    return result.matchedCount === 1
  },

  /** Ends deliveries to an endpoint that fails; false when it is not active any more. */
  disable: async (id: string, reason: string, now: EpochMs): Promise<boolean> => {
    const change = {
      $set: { status: 'disabled', statusReason: reason, statusSince: now, updatedAt: now },
      $inc: { version: 1 },
    } as const
    return (await guarded(collection.updateOne({ _id: id, status: 'active' }, change))).matchedCount === 1
  },

  /** Another form of the same secret: no change that anybody has to know of. */
  reseal: async (
    id: string,
    field: 'sealedSecret' | 'previousSecret.sealed' | 'sealedExtras',
    from: string,
    to: string,
  ): Promise<void> => {
    await guarded(collection.updateOne({ _id: id, [field]: from }, { $set: { [field]: to } }))
  },

  remove: async (tenant: string, id: string, expectedVersion?: number): Promise<boolean> => {
    const query = expectedVersion === undefined ? { _id: id, tenant } : { _id: id, tenant, version: expectedVersion }
    return (await guarded(collection.deleteOne(query))).deletedCount === 1
  },

  count: (tenant: string): Promise<number> => guarded(collection.countDocuments({ tenant })),

  all: async (): Promise<Subscription[]> => (await guarded(collection.find().toArray())).map(toSubscription),

  /** The changes from now on, as a stream of the server's. It resumes by itself; ends with an error when it cannot. */
  watch: (): ChangeStream => collection.watch([], { fullDocument: 'updateLookup' }),
})

/** One change of the change stream, or null for one that says nothing of a single subscription. */
export const readChange = (change: {
  operationType: string
  fullDocument?: unknown
  documentKey?: unknown
}): SubscriptionChange | null => {
  if (change.operationType === 'delete') return { type: 'removed', id: (change.documentKey as { _id: string })._id }
  // An update whose document is gone by now: its removal follows.
  if (change.fullDocument === undefined || change.fullDocument === null) return null
  return { type: 'changed', subscription: toSubscription(change.fullDocument as SubscriptionDocument) }
}
