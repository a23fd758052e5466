import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { ChangeStream } from 'mongodb'
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

/** Reads all subscriptions and follows their changes; after an interruption that cannot be resumed it reads all again. */
export const startDirectory = async (subscriptions: Subscriptions, log: Log): Promise<Directory> => {
  const byId = new Map<string, Subscription>()
  const byTenant = new Map<string, readonly Subscription[]>()
  const changes$ = new Subject<SubscriptionChange>()
  let stopped = false
  let stream: ChangeStream

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

  /** The stream is open before everything is read, so that no change is missed between the two; versions sort out what is seen twice. */
  const begin = async () => {
    stream = subscriptions.watch()
    const first = stream.tryNext()
    // The first resume token says that it is open. While nothing changes, the server holds the request for a second.
    await Promise.race([once(stream, 'resumeTokenChanged'), first])
    await readAll()
    return changesOf(stream, first)
  }

  const follow = async (begun: Changes) => {
    let changes: Changes | null = begun
    while (!stopped) {
      try {
        for await (const change of changes ?? (await begin())) {
          const read = readChange(change)
          if (read !== null) remember(read)
        }
      } catch (error) {
        if (stopped) return
        log.warn(
          { err: error, remedy: 'check that mongod has a primary; Doorbell reads all subscriptions again' },
          'subscription changes interrupted',
        )
      }
      changes = null
      if (!stopped) await delay(rereadDelayMs)
    }
  }

  void follow(await begin())

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
      // `follow` ends with its request, which the server may hold for a second more: nothing depends on it.
      await stream.close()
    },
  }
}

type Changes = ReturnType<typeof changesOf>

/** The change that the first request returns, and those that follow. */
async function* changesOf(stream: ChangeStream, first: ReturnType<ChangeStream['tryNext']>) {
  const change = await first
  if (change !== null) yield change
  yield* stream
}
