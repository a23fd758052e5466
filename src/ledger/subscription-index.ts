import type { Subscription, SubscriptionChange } from '../domain/subscription.ts'

/** Subscriptions in memory, by id and by tenant. */
export const createSubscriptionIndex = () => {
  const byId = new Map<string, Subscription>()
  const byTenant = new Map<string, readonly Subscription[]>()

  const setOfTenant = (tenant: string, id: string, added: readonly Subscription[]) => {
    const others = (byTenant.get(tenant) ?? []).filter(subscription => subscription.id !== id)
    if (others.length + added.length > 0) byTenant.set(tenant, [...others, ...added])
    else byTenant.delete(tenant)
  }

  return {
    byId: (id: string): Subscription | undefined => byId.get(id),
    ofTenant: (tenant: string): readonly Subscription[] => byTenant.get(tenant) ?? [],
    all: (): Iterable<Subscription> => byId.values(),
    /** Returns false for a version that is not newer than the one in the index. */
    apply: (change: SubscriptionChange): boolean => {
      if (change.type === 'removed') {
        const known = byId.get(change.id)
        byId.delete(change.id)
        if (known !== undefined) setOfTenant(known.tenant, known.id, [])
        return true
      }
      const { subscription } = change
      const known = byId.get(subscription.id)
      if (known !== undefined && known.version >= subscription.version) return false
      byId.set(subscription.id, subscription)
      setOfTenant(subscription.tenant, subscription.id, [subscription])
      return true
    },
  }
}
