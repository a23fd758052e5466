import type { ChangeStream, Collection } from 'mongodb'
import type { Subscription, SubscriptionChange } from '../domain/subscription.ts'
import type { EpochMs } from '../domain/time.ts'
import { guarded, unlessThere } from './faults.ts'

export type SubscriptionDocument = Omit<Subscription, 'id'> & { readonly _id: string }

const toDocument = ({ id, ...rest }: Subscription): SubscriptionDocument => ({ _id: id, ...rest })
const toSubscription = ({ _id, ...rest }: SubscriptionDocument): Subscription => ({ id: _id, ...rest })

/** A read from a primary that a majority confirms: one that was replaced without noticing it would show an earlier state. */
const confirmed = { readConcern: 'linearizable', maxTimeMS: 10_000 } as const

type SubscriptionVersion = Pick<Subscription, 'id' | 'tenant' | 'version'>

/** The customers' subscriptions. */
export type Subscriptions = ReturnType<typeof createSubscriptions>

export const createSubscriptions = (collection: Collection<SubscriptionDocument>) => ({
  /** A subscription with this id stays as it is. */
  insert: async (subscription: Subscription): Promise<void> => {
    await guarded(unlessThere(collection.insertOne(toDocument(subscription))))
  },

  get: async (tenant: string, id: string): Promise<Subscription | null> => {
    const found = await guarded(collection.findOne({ _id: id, tenant }))
    return found === null ? null : toSubscription(found)
  },

  /** Returns subscriptions in the order of their ids, which is the order of creation. */
  list: async (tenant: string, { limit, after }: { limit: number; after?: string }): Promise<Subscription[]> => {
    const query = after === undefined ? { tenant } : { tenant, _id: { $gt: after } }
    return (await guarded(collection.find(query).sort({ _id: 1 }).limit(limit).toArray())).map(toSubscription)
  },

  /** Returns false when the stored version is another one, or the subscription is deleted. */
  replace: async (subscription: Subscription, expectedVersion: number): Promise<boolean> => {
    const { _id, ...replacement } = toDocument(subscription)
    const { tenant } = subscription
    const result = await guarded(collection.replaceOne({ _id, tenant, version: expectedVersion }, replacement))
    return result.matchedCount === 1
  },

  /** Disables an active subscription. Returns false when it is not active. */
  disable: async (id: string, reason: string, now: EpochMs): Promise<boolean> => {
    const change = {
      $set: { status: 'disabled', statusReason: reason, statusSince: now, updatedAt: now },
      $inc: { version: 1 },
    } as const
    return (await guarded(collection.updateOne({ _id: id, status: 'active' }, change))).matchedCount === 1
  },

  /** Replaces the encrypted form of a secret. The version stays, since the subscription does not change. */
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

  /** Reads all subscriptions, as surely as `current` does. */
  all: async (): Promise<Subscription[]> =>
    (await guarded(collection.find({}, confirmed).toArray())).map(toSubscription),

  /** Reads all of a tenant's subscriptions: every change that was answered before is in them. */
  current: async (tenant: string): Promise<Subscription[]> =>
    (await guarded(collection.find({ tenant }, confirmed).toArray())).map(toSubscription),

  /** Returns the version of every subscription. */
  versions: async (): Promise<SubscriptionVersion[]> => {
    const found = collection.find({}, confirmed).project<SubscriptionDocument>({ tenant: 1, version: 1 })
    return (await guarded(found.toArray())).map(({ _id: id, tenant, version }) => ({ id, tenant, version }))
  },

  isStored: async (id: string): Promise<boolean> =>
    (await guarded(collection.findOne({ _id: id }, { ...confirmed, projection: { _id: 1 } }))) !== null,

  /** Opens a change stream. It resumes by itself, and ends with an error when it cannot. */
  watch: (): ChangeStream => collection.watch([], { fullDocument: 'updateLookup' }),
})

/** Reads an entry of the change stream; null for an entry that is not about a single subscription. */
export const readChange = (change: {
  operationType: string
  fullDocument?: unknown
  documentKey?: unknown
}): SubscriptionChange | null => {
  if (change.operationType === 'delete') return { type: 'removed', id: (change.documentKey as { _id: string })._id }
  // The document of this update is deleted by now; the deletion follows in the stream.
  if (change.fullDocument === undefined || change.fullDocument === null) return null
  return { type: 'changed', subscription: toSubscription(change.fullDocument as SubscriptionDocument) }
}
