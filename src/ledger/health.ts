import type { Collection } from 'mongodb'
import type { SubscriptionHealth } from '../domain/health.ts'
import { createBatcher } from './batcher.ts'
import { guarded } from './faults.ts'

export type HealthDocument = Omit<SubscriptionHealth, 'subscriptionId'> & { readonly _id: string }

/** The endpoints' health, for the next supervisor and for the API. */
export const createHealth = (collection: Collection<HealthDocument>) => {
  const read = async (ids: readonly string[]): Promise<Map<string, SubscriptionHealth>> => {
    const found = await guarded(collection.find({ _id: { $in: [...ids] } }).toArray())
    return new Map(found.map(({ _id, ...health }) => [_id, { subscriptionId: _id, ...health }]))
  }
  const lookUps = createBatcher({ limit: 500, inFlight: 2 }, async (ids: readonly string[]) => {
    const found = await read(ids)
    return ids.map(id => found.get(id) ?? null)
  })
  return {
    /** Returns null for an endpoint that never failed. Supervisors that start at the same time share a look-up. */
    get: (subscriptionId: string): Promise<SubscriptionHealth | null> => lookUps.add(subscriptionId),
    many: read,
    /** Returns the subscriptions whose circuit is not closed. */
    withOpenCircuit: async (): Promise<string[]> => {
      const found = collection.find({ 'circuit.phase': { $ne: 'closed' } }, { projection: { _id: 1 } })
      return (await guarded(found.toArray())).map(({ _id }) => _id)
    },
    put: async ({ subscriptionId, ...health }: SubscriptionHealth): Promise<void> => {
      await guarded(collection.replaceOne({ _id: subscriptionId }, health, { upsert: true }))
    },
    /** Removes the record, because the endpoint is a different one or the subscription is gone. */
    forget: async (subscriptionId: string): Promise<void> => {
      await guarded(collection.deleteOne({ _id: subscriptionId }))
    },
  }
}
