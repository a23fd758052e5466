import type { EpochMs } from '../../domain/time.ts'

export interface Recent<T> {
  find(key: string): Promise<T | null>
  /** What was found before, or is being looked up, counts no longer where it is one of these. */
  forget(isOne: (value: T) => boolean): void
}

export interface RecentLimits {
  /** For so long an answer counts without asking again. */
  readonly ttlMs: number
  /** For so long it counts while the look-up fails for a reason that passes, or takes longer than `patienceMs`. */
  readonly staleMs: number
  readonly patienceMs: number
  readonly capacity: number
  readonly passes: (error: unknown) => boolean
  readonly now: () => EpochMs
}

/**
 * A look-up that remembers what it found for a while, at most `capacity` answers. What was not found is asked for again. While it
 * cannot be asked, what was known lately goes on: check-ins are accepted although the database is away.
 */
export const createRecent = <T>(
  find: (key: string) => Promise<T | null>,
  { ttlMs, staleMs, patienceMs, capacity, passes, now }: RecentLimits,
): Recent<T> => {
  const known = new Map<string, { readonly value: T; readonly at: EpochMs }>()
  /** Under way: a thousand requests a second ask once. */
  const asking = new Map<string, Promise<T | null>>()
  let forgets = 0

  const ask = (key: string): Promise<T | null> => {
    const underWay = asking.get(key)
    if (underWay !== undefined) return underWay
    const asked = lookUp(key).finally(() => asking.get(key) === asked && asking.delete(key))
    asking.set(key, asked)
    return asked
  }

  const lookUp = async (key: string): Promise<T | null> => {
    const forgetsBefore = forgets
    const value = await find(key)
    // Read before somebody changed it, maybe.
    if (forgets !== forgetsBefore) return value
    known.delete(key)
    if (value === null) return value
    const [oldest] = known.keys()
    if (known.size >= capacity && oldest !== undefined) known.delete(oldest)
    known.set(key, { value, at: now() })
    return value
  }

  return {
    find: async key => {
      const entry = known.get(key)
      if (entry === undefined || now() - entry.at > staleMs) return ask(key)
      if (now() - entry.at < ttlMs) return entry.value
      // Forgotten meanwhile: it counts no longer, whatever the look-up does.
      const stale = () => known.get(key)?.value
      const asked = ask(key)
      const late = after(patienceMs)
      try {
        await Promise.race([asked, late.over])
        return stale() ?? (await asked)
      } catch (error) {
        const value = passes(error) ? stale() : undefined
        if (value === undefined) throw error
        return value
      } finally {
        late.stop()
        asked.catch(() => undefined)
      }
    },
    forget: isOne => {
      forgets += 1
      asking.clear()
      for (const [key, { value }] of known) if (isOne(value)) known.delete(key)
    },
  }
}

const after = (delayMs: number) => {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, delayMs)
  return { over, stop: () => clearTimeout(timer) }
}
