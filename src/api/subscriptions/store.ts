import type { SubscriptionHealth } from '../../domain/health.ts'
import type { Subscription } from '../../domain/subscription.ts'

export interface SubscriptionStore {
  insert(subscription: Subscription): Promise<void>
  get(tenant: string, id: string): Promise<Subscription | null>
  /** In the order of ids, which is the order of creation. */
  list(tenant: string, page: { limit: number; after?: string }): Promise<Subscription[]>
  /** False when the subscription has another version by now. */
  replace(subscription: Subscription, expectedVersion: number): Promise<boolean>
  remove(tenant: string, id: string, expectedVersion?: number): Promise<boolean>
  count(tenant: string): Promise<number>
}

export interface HealthStore {
  get(subscriptionId: string): Promise<SubscriptionHealth | null>
  many(ids: readonly string[]): Promise<ReadonlyMap<string, SubscriptionHealth>>
  forget(subscriptionId: string): Promise<void>
}
