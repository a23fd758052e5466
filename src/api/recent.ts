import type { EpochMs } from '../domain/time.ts'

export interface Recent<T> {
  find(key: string): Promise<T | null>
  /** What was found before, or is being looked up, counts no longer where it is one of these. */
  forget(isOne: (value: T) => boolean): void
}

/** A look-up that remembers what it found for a while, at most `capacity` answers. What was not found is asked for again. */
export const createRecent = <T>(
  find: (key: string) => Promise<T | null>,
  { ttlMs, capacity, now }: { readonly ttlMs: number; readonly capacity: number; readonly now: () => EpochMs },
): Recent<T> => {
  const known = new Map<string, { readonly value: T; readonly until: EpochMs }>()
  let forgets = 0
  return {
    find: async key => {
      const entry = known.get(key)
      if (entry !== undefined && entry.until > now()) return entry.value
      const forgetsBefore = forgets
      const value = await find(key)
      known.delete(key)
      // Read before somebody changed it, maybe.
      if (value === null || forgets !== forgetsBefore) return value
      const [oldest] = known.keys()
      if (known.size >= capacity && oldest !== undefined) known.delete(oldest)
      known.set(key, { value, until: now() + ttlMs })
      return value
    },
    forget: isOne => {
      forgets += 1
      for (const [key, { value }] of known) if (isOne(value)) known.delete(key)
    },
  }
}
