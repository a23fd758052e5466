import { Failure } from '../../domain/failure.ts'
import type { Subscription } from '../../domain/subscription.ts'
import type { EpochMs } from '../../domain/time.ts'
import type { SubscriptionStore } from './store.ts'

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
