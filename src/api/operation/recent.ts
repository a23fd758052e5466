import { setTimeout as waitFor } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { EpochMs } from '../../domain/time.ts'

export interface Recent<T> {
  find(key: string): Promise<T | null>
  /** Drops values that are one of these, and any that is being looked up now: it may be one of them. */
  forget(isOne: (value: T) => boolean): void
}

export interface RecentLimits {
  /** How long a value counts without a further look-up. */
  readonly ttlMs: number
  /** How long it counts while the look-up fails for a reason that passes, or takes longer than `patienceMs`. */
  readonly staleMs: number
  readonly patienceMs: number
  readonly capacity: number
  readonly passes: (error: unknown) => boolean
  readonly now: () => EpochMs
  /** Default: waits in real time. */
  readonly wait?: Wait
}

/** Resolves with the value after this time, and rejects when the signal comes first. */
export type Wait = <T>(ms: number, value: T, options: { readonly signal: AbortSignal }) => Promise<T>

/**
 * Remembers what a look-up found, at most `capacity` values. A value that was not found is looked up again. While look-ups fail, values
 * that were known lately still count, so check-ins are accepted although the database is away.
 */
export const createRecent = <T>(
  lookUp: (key: string) => Promise<T | null>,
  { ttlMs, staleMs, patienceMs, capacity, passes, now, wait = waitFor }: RecentLimits,
): Recent<T> => {
  const underWay = new Set<string>()
  const cache = new LRUCache<string, Found<T>>({
    max: capacity,
    ttl: ttlMs,
    ttlResolution: 0,
    perf: { now },
    // A look-up whose key is dropped still answers the callers that wait for it.
    ignoreFetchAbort: true,
    noDeleteOnFetchRejection: true,
    fetchMethod: async (key, _stale, { options }) => {
      underWay.add(key)
      try {
        return { value: await lookUp(key) }
      } catch (error) {
        options.allowStaleOnFetchRejection = passes(error) && known(key) !== undefined
        throw error
      } finally {
        underWay.delete(key)
      }
    },
  })
  const known = (key: string): Found<T> | undefined => {
    const ageMs = ttlMs - cache.getRemainingTTL(key)
    return ageMs > staleMs ? undefined : cache.peek(key, { allowStale: true })
  }
  const find = async (key: string): Promise<Found<T> | undefined> => {
    const asked = cache.fetch(key)
    if (known(key) === undefined || (await settlesWithin(asked, patienceMs, wait))) return asked
    return known(key) ?? asked
  }

  return {
    find: async key => {
      const fresh = cache.getRemainingTTL(key) >= 0 ? cache.get(key) : undefined
      const found = fresh ?? (await find(key))
      if (found?.value === null) cache.delete(key)
      return found?.value ?? null
    },
    forget: isOne => {
      for (const key of underWay) cache.delete(key)
      for (const [key, { value }] of cache.dump()) if (value.value !== null && isOne(value.value)) cache.delete(key)
    },
  }
}

/** An object even where nothing was found: the cache takes undefined for a look-up that was given up. */
interface Found<T> {
  readonly value: T | null
}

/** False when the promise is still pending after that time. Rejects when the promise does so in time. */
const settlesWithin = async (promise: Promise<unknown>, ms: number, wait: Wait): Promise<boolean> => {
  const settled = new AbortController()
  const isTrue = promise.then(() => true)
  // A rejection after the wait belongs to no caller.
  isTrue.catch(() => undefined)
  try {
    return await Promise.race([isTrue, wait(ms, false, { signal: settled.signal })])
  } finally {
    settled.abort()
  }
}
