import type { Subscription, SubscriptionChange } from '../domain/subscription.ts'

/** Well above the number of deletions that can be under way in a change stream at once. */
const removedLimit = 10_000

/** Subscriptions in memory, by id and by tenant. A removed one stays removed: what is read late of it changes nothing. */
export const createSubscriptionIndex = () => {
  const byId = new Map<string, Subscription>()
  const byTenant = new Map<string, readonly Subscription[]>()
  const removed = new Set<string>()

  const setOfTenant = (tenant: string, id: string, added: readonly Subscription[]) => {
    const others = (byTenant.get(tenant) ?? []).filter(subscription => subscription.id !== id)
    if (others.length + added.length > 0) byTenant.set(tenant, [...others, ...added])
    else byTenant.delete(tenant)
  }

  const remove = (id: string): boolean => {
    if (removed.has(id)) return false
    removed.add(id)
    const [oldest] = removed
    if (removed.size > removedLimit && oldest !== undefined) removed.delete(oldest)
    const known = byId.get(id)
    byId.delete(id)
    if (known !== undefined) setOfTenant(known.tenant, known.id, [])
    return true
  }

  return {
    byId: (id: string): Subscription | undefined => byId.get(id),
    ofTenant: (tenant: string): readonly Subscription[] => byTenant.get(tenant) ?? [],
    all: (): Iterable<Subscription> => byId.values(),
    isRemoved: (id: string): boolean => removed.has(id),
    /** The ids of what was removed lately. */
    removed: (): ReadonlySet<string> => new Set(removed),
    /** Makes the index take over another version than it knows, also of what was removed: for what is stored for certain. */
    forget: ({ id, version }: Subscription): void => {
      removed.delete(id)
      if (byId.get(id)?.version !== version) byId.delete(id)
    },
    /** Returns false for a version that is not newer than the one in the index, and for what was removed before. */
    apply: (change: SubscriptionChange): boolean => {
      if (change.type === 'removed') return remove(change.id)
      const { subscription } = change
      if (removed.has(subscription.id)) return false
      const known = byId.get(subscription.id)
      if (known !== undefined && known.version >= subscription.version) return false
      byId.set(subscription.id, subscription)
      setOfTenant(subscription.tenant, subscription.id, [subscription])
      return true
    },
  }
}
