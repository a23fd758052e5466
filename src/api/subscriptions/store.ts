import { Failure } from '../../domain/failure.ts'
import type { SubscriptionHealth } from '../../domain/health.ts'
import type { Subscription } from '../../domain/subscription.ts'
import type { EpochMs } from '../../domain/time.ts'

export interface SubscriptionStore {
  /** A subscription with this id stays as it is. */
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

/**
 * Resolves when a stored change (version null: a deletion) counts for every event that is accepted from now on, whichever process takes it.
 * Throws Failure `streams_unavailable` or `stream_full` when that is not sure; repeating the request is safe.
 */
export type InForce = (tenant: string, subscriptionId: string, version: number | null) => Promise<void>

interface FindDeps {
  readonly subscriptions: Pick<SubscriptionStore, 'get'>
}

/** Throws Failure `not_found`. */
export const findSubscription = async (
  { subscriptions }: FindDeps,
  { tenant, id }: { readonly tenant: string; readonly id: string },
): Promise<Subscription> => {
  const found = await subscriptions.get(tenant, id)
  if (found === null) throw new Failure('not_found', `There is no subscription "${id}".`)
  return found
}

interface UpdateDeps {
  readonly subscriptions: Pick<SubscriptionStore, 'get' | 'replace'>
  readonly now: () => EpochMs
}

/** Stores a subscription that `change` makes of the present one; tries again when another call changes it at the same time. Null: no change. */
export const updateSubscription = async (
  deps: UpdateDeps,
  place: { readonly tenant: string; readonly id: string },
  change: (subscription: Subscription) => Subscription | null,
): Promise<{ readonly before: Subscription; readonly after: Subscription }> => {
  for (;;) {
    const before = await findSubscription(deps, place)
    const changed = change(before)
    if (changed === null) return { before, after: before }
    const after = { ...changed, version: before.version + 1, updatedAt: deps.now() }
    if (await deps.subscriptions.replace(after, before.version)) return { before, after }
  }
}
