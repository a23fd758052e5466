import { setTimeout } from 'node:timers/promises'
import { filter, firstValueFrom, type Observable, of, startWith, Subject, timeout } from 'rxjs'
import type { Log } from '../../observability/log.ts'
import type { Subscription, SubscriptionChange } from '../domain/subscription.ts'
import { followSubscriptions, type FollowPorts } from './follow-subscriptions.ts'
import { createFreshness, type Freshness } from './freshness.ts'
import { createSubscriptionIndex } from './subscription-index.ts'
import type { Subscriptions } from './subscriptions.ts'

/** All subscriptions in memory, kept current by a change stream: matching an event takes no query. */
export interface Directory extends Freshness {
  readonly changes$: Observable<SubscriptionChange>
  ofTenant(tenant: string): readonly Subscription[]
  byId(id: string): Subscription | undefined
  all(): Iterable<Subscription>
  /** Resolves when this process has that version or a later one (null: the removal), or after five seconds. */
  inForce(id: string, version: number | null): Promise<void>
  /** True when this process has that version or a later one (null: the removal). */
  holds(id: string, version: number | null): boolean
  /** Compares with what is stored at a moment after this call, and takes over what differs. Throws Failure `ledger_unavailable`. */
  compare(): Promise<void>
  /** Reads a tenant's subscriptions as they are stored now. Throws Failure `ledger_unavailable`. */
  refresh(tenant: string): Promise<void>
  stop(): Promise<void>
}

type Store = Pick<Subscriptions, 'all' | 'current' | 'versions' | 'watch'>
type Ports = Pick<FollowPorts, 'wait' | 'monotonicMs'>

const inForceLimitMs = 5_000
const compareEveryMs = 60_000
const real: Ports = { wait: setTimeout, monotonicMs: () => performance.now() }

/** Reads all subscriptions, follows their changes, and compares them with the ledger every minute. */
export const startDirectory = async (
  subscriptions: Store,
  log: Pick<Log, 'info' | 'warn'>,
  ports: Ports = real,
): Promise<Directory> => {
  const index = createSubscriptionIndex()
  const changes$ = new Subject<SubscriptionChange>()
  const { heard, ...freshness } = createFreshness(ports.monotonicMs)

  const apply = (change: SubscriptionChange) => {
    if (index.apply(change)) changes$.next(change)
  }

  /** Takes over what is stored. What the index learned while it was read may be newer, and stays. */
  const reread = async (held: Iterable<Subscription>, read: () => Promise<readonly Subscription[]>) => {
    const before = new Map([...held].map(subscription => [subscription.id, subscription]))
    const wasRemoved = index.removed()
    const stored = new Map((await read()).map(subscription => [subscription.id, subscription]))
    const isUnchanged = (id: string) =>
      index.byId(id) === before.get(id) && (!index.isRemoved(id) || wasRemoved.has(id))
    for (const id of before.keys()) if (!stored.has(id)) apply({ type: 'removed', id })
    for (const subscription of stored.values()) {
      // Behind what was known before the read, as after a collection was restored from a backup.
      if (isUnchanged(subscription.id)) index.forget(subscription)
      apply({ type: 'changed', subscription })
    }
  }
  const refresh = (tenant: string) => reread(index.ofTenant(tenant), () => subscriptions.current(tenant))

  /** Finds what a change stream that works should have reported. */
  const compareNow = async () => {
    const before = new Map([...index.all()].map(({ id, tenant }) => [id, tenant]))
    const differing = new Set<string>()
    for (const { id, tenant, version } of await subscriptions.versions()) {
      before.delete(id)
      if (index.byId(id)?.version !== version) differing.add(tenant)
    }
    for (const tenant of before.values()) differing.add(tenant)
    for (const tenant of differing) await refresh(tenant)
    if (differing.size > 0)
      log.info({ tenants: differing.size }, 'subscriptions differed from the ledger, and were read again')
  }

  let running: Promise<unknown> = Promise.resolve()
  let next: Promise<void> | undefined
  /** One comparison at a time: all that ask during one share the one that follows. */
  const compare = (): Promise<void> =>
    (next ??= running.then(() => {
      next = undefined
      const comparison = compareNow()
      running = comparison.catch(() => undefined)
      return comparison
    }))

  const { watch } = subscriptions
  const readAll = () => reread(index.all(), subscriptions.all)
  const following = await followSubscriptions({ ...ports, watch, readAll, apply, heard, log })
  // A ledger that is away is logged by what follows the changes; the next comparison finds the same.
  const comparing = setInterval(() => void compare().catch(() => undefined), compareEveryMs)

  const holds: Directory['holds'] = (id, version) => {
    const known = index.byId(id)?.version
    return version === null ? known === undefined : known !== undefined && known >= version
  }

  return {
    ...freshness,
    changes$,
    ofTenant: index.ofTenant,
    byId: index.byId,
    all: index.all,
    inForce: async (id, version) => {
      const limit = timeout({ first: inForceLimitMs, with: () => of(null) })
      const inForce$ = changes$.pipe(
        startWith(null),
        filter(() => holds(id, version)),
      )
      await firstValueFrom(inForce$.pipe(limit))
    },
    holds,
    compare,
    refresh,
    stop: async () => {
      clearInterval(comparing)
      await following.stop()
    },
  }
}
