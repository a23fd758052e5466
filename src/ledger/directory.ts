import { type Observable, Subject } from 'rxjs'
import type { Subscription } from '../domain/subscription.ts'
import { readChange, type SubscriptionChange, type Subscriptions } from './subscriptions.ts'

interface Log {
  warn(fields: object, text: string): void
}

/** All subscriptions in memory, kept current by a change stream: matching an event asks no database. */
export interface Directory {
  readonly changes$: Observable<SubscriptionChange>
  ofTenant(tenant: string): readonly Subscription[]
  byId(id: string): Subscription | undefined
  all(): Iterable<Subscription>
  /** Resolves when this process knows that version or a later one (or the removal), or after five seconds. */
  inForce(id: string, version: number): Promise<void>
  stop(): Promise<void>
}

const inForceLimitMs = 5_000
const rereadDelayMs = 500

/** Reads all subscriptions and follows their changes; after an interruption that cannot be resumed it reads all anew. */
export const startDirectory = async (subscriptions: Subscriptions, log: Log): Promise<Directory> => {
  const byId = new Map<string, Subscription>()
  const byTenant = new Map<string, readonly Subscription[]>()
  const changes$ = new Subject<SubscriptionChange>()
  let stopped = false
  let stream = subscriptions.watch()

  const remember = (change: SubscriptionChange) => {
    const id = change.type === 'removed' ? change.id : change.subscription.id
    const known = byId.get(id)
    if (change.type === 'changed' && known !== undefined && known.version >= change.subscription.version) return
    const tenant = change.type === 'removed' ? known?.tenant : change.subscription.tenant
    if (change.type === 'removed') byId.delete(id)
    else byId.set(id, change.subscription)
    if (tenant !== undefined) {
      const others = (byTenant.get(tenant) ?? []).filter(subscription => subscription.id !== id)
      const all = change.type === 'removed' ? others : [...others, change.subscription]
      if (all.length > 0) byTenant.set(tenant, all)
      else byTenant.delete(tenant)
    }
    changes$.next(change)
  }

  const readAll = async () => {
    const all = await subscriptions.all()
    const ids = new Set(all.map(({ id }) => id))
    for (const id of byId.keys()) if (!ids.has(id)) remember({ type: 'removed', id })
    for (const subscription of all) remember({ type: 'changed', subscription })
  }

  const follow = async () => {
    while (!stopped) {
      try {
        for await (const change of stream) {
          const read = readChange(change)
          if (read !== null) remember(read)
        }
      } catch (error) {
        if (stopped) return
        log.warn(
          { err: error, remedy: 'check that mongod has a primary; Doorbell reads all subscriptions anew' },
          'subscription changes interrupted',
        )
      }
      if (stopped) return
      await new Promise(resolve => setTimeout(resolve, rereadDelayMs))
      stream = subscriptions.watch()
      await readAll().catch(() => undefined)
    }
  }

  // The stream is opened before the reading, so that no change falls between; versions sort out what is seen twice.
  await stream.tryNext()
  await readAll()
  const following = follow()

  return {
    changes$,
    ofTenant: tenant => byTenant.get(tenant) ?? [],
    byId: id => byId.get(id),
    all: () => byId.values(),
    inForce: (id, version) =>
      new Promise(resolve => {
        const isKnown = () => (byId.get(id)?.version ?? (version === Infinity ? Infinity : -1)) >= version
        if (isKnown()) return resolve()
        const done = () => {
          clearTimeout(limit)
          listening.unsubscribe()
          resolve()
        }
        const limit = setTimeout(done, inForceLimitMs)
        const listening = changes$.subscribe(() => isKnown() && done())
        return undefined
      }),
    stop: async () => {
      stopped = true
      await stream.close()
      await following
    },
  }
}
