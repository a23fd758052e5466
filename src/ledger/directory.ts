import { setTimeout } from 'node:timers/promises'
import type { ChangeStream } from 'mongodb'
import { filter, firstValueFrom, type Observable, of, startWith, Subject, timeout } from 'rxjs'
import type { Log } from '../../observability/log.ts'
import type { Subscription, SubscriptionChange } from '../domain/subscription.ts'
import { openChanges } from './open-changes.ts'
import { createSubscriptionIndex } from './subscription-index.ts'
import { readChange, type Subscriptions } from './subscriptions.ts'

/** All subscriptions in memory, kept current by a change stream: matching an event takes no query. */
export interface Directory {
  readonly changes$: Observable<SubscriptionChange>
  ofTenant(tenant: string): readonly Subscription[]
  byId(id: string): Subscription | undefined
  all(): Iterable<Subscription>
  /** Resolves when this process has that version or a later one (`Infinity`: the removal), or after five seconds. */
  inForce(id: string, version: number): Promise<void>
  stop(): Promise<void>
}

const inForceLimitMs = 5_000
const rereadDelayMs = 500

/** Reads all subscriptions and follows their changes; after an interruption that cannot be resumed it reads all again. */
export const startDirectory = async (
  subscriptions: Pick<Subscriptions, 'all' | 'watch'>,
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

  const readAll = async () => {
    const all = await subscriptions.all()
    const ids = new Set(all.map(({ id }) => id))
    for (const { id } of index.all()) if (!ids.has(id)) apply({ type: 'removed', id })
    for (const subscription of all) apply({ type: 'changed', subscription })
  }

  /** The stream opens before everything is read, so that no change is missed between the two; versions sort out what is seen twice. */
  const begin = async () => {
    stream = subscriptions.watch()
    const changes = await openChanges(stream)
    await readAll()
    return changes
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

  return {
    changes$,
    ofTenant: index.ofTenant,
    byId: index.byId,
    all: index.all,
    inForce: async (id, version) => {
      const isInForce = () => (index.byId(id)?.version ?? (version === Infinity ? Infinity : -1)) >= version
      const limit = timeout({ first: inForceLimitMs, with: () => of(null) })
      await firstValueFrom(changes$.pipe(startWith(null), filter(isInForce), limit))
    },
    stop: async () => {
      stopping.abort()
      // `follow` ends with its request, which the server may hold for a second more: nothing depends on it.
      await stream.close()
    },
  }
}
