import { setTimeout } from 'node:timers/promises'
import type { ChangeStream } from 'mongodb'
import { filter, firstValueFrom, type Observable, of, startWith, Subject, timeout } from 'rxjs'
import type { Log } from '../../observability/log.ts'
import type { Subscription, SubscriptionChange } from '../domain/subscription.ts'
import { failureOfLedger } from './faults.ts'
import { openChanges } from './open-changes.ts'
import { createSubscriptionIndex } from './subscription-index.ts'
import { readChange, type Subscriptions } from './subscriptions.ts'

/** All subscriptions in memory, kept current by a change stream: matching an event takes no query. */
export interface Directory {
  readonly changes$: Observable<SubscriptionChange>
  ofTenant(tenant: string): readonly Subscription[]
  byId(id: string): Subscription | undefined
  all(): Iterable<Subscription>
  /** Resolves when this process has that version or a later one (null: the removal), or after five seconds. */
  inForce(id: string, version: number | null): Promise<void>
  /** True when this process has that version or a later one (null: the removal). */
  holds(id: string, version: number | null): boolean
  /** Reads a tenant's subscriptions as they are stored now. Throws Failure `ledger_unavailable`. */
  refresh(tenant: string): Promise<void>
  stop(): Promise<void>
}

const inForceLimitMs = 5_000
const rereadDelayMs = 500

/** Reads all subscriptions and follows their changes; after an interruption that cannot be resumed it reads all again. */
export const startDirectory = async (
  subscriptions: Pick<Subscriptions, 'all' | 'current' | 'watch'>,
  log: Pick<Log, 'warn'>,
  wait: (ms: number, value: undefined, options: AbortController) => Promise<unknown> = setTimeout,
): Promise<Directory> => {
  const index = createSubscriptionIndex()
  const changes$ = new Subject<SubscriptionChange>()
  const stopping = new AbortController()
  let stream: ChangeStream

  const apply = (change: SubscriptionChange) => {
    if (index.apply(change)) changes$.next(change)
  }

  /** What the index holds of these and the ledger no longer has is removed. What the index learns during the read may be newer than the read. */
  const reread = async (held: Iterable<Subscription>, read: Promise<readonly Subscription[]>) => {
    const before = [...held]
    const stored = await read
    const ids = new Set(stored.map(({ id }) => id))
    for (const { id } of before) if (!ids.has(id)) apply({ type: 'removed', id })
    for (const subscription of stored) apply({ type: 'changed', subscription })
  }

  /** The stream opens before everything is read, so that no change is missed between the two; versions sort out what is seen twice. */
  const begin = async () => {
    stream = subscriptions.watch()
    try {
      const changes = await openChanges(stream)
      await reread(index.all(), subscriptions.all())
      return changes
    } catch (error) {
      await stream.close().catch(() => undefined)
      throw failureOfLedger(error)
    }
  }

  const follow = async (begun: Awaited<ReturnType<typeof begin>>) => {
    let changes: typeof begun | null = begun
    while (!stopping.signal.aborted) {
      try {
        for await (const change of changes ?? (await begin())) {
          const read = readChange(change)
          if (read !== null) apply(read)
        }
      } catch (error) {
        if (stopping.signal.aborted) return
        log.warn(
          { err: error, remedy: 'check that mongod has a primary; Doorbell reads all subscriptions again' },
          'subscription changes interrupted',
        )
      }
      changes = null
      await wait(rereadDelayMs, undefined, stopping).catch(() => undefined)
    }
  }

  void follow(await begin())

  const holds: Directory['holds'] = (id, version) => {
    const known = index.byId(id)?.version
    return version === null ? known === undefined : known !== undefined && known >= version
  }

  return {
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
    refresh: tenant => reread(index.ofTenant(tenant), subscriptions.current(tenant)),
    stop: async () => {
      stopping.abort()
      // `follow` ends with its request, which the server may hold for a second more: nothing depends on it.
      await stream.close()
    },
  }
}
