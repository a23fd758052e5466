import type { EpochMs } from '../domain/time.ts'

export interface Recent<T> {
  find(key: string): Promise<T | null>
  /** What was found before counts no longer. */
  forget(key: string): void
}

/** A look-up that remembers what it found for a while, at most `capacity` answers. What was not found is asked for again. */
export const createRecent = <T>(
  find: (key: string) => Promise<T | null>,
  { ttlMs, capacity, now }: { readonly ttlMs: number; readonly capacity: number; readonly now: () => EpochMs },
): Recent<T> => {
  const known = new Map<string, { readonly value: T; readonly until: EpochMs }>()
  return {
    find: async key => {
      const entry = known.get(key)
      if (entry !== undefined && entry.until > now()) return entry.value
      const value = await find(key)
      known.delete(key)
      if (value === null) return null
      const [oldest] = known.keys()
      if (known.size >= capacity && oldest !== undefined) known.delete(oldest)
      known.set(key, { value, until: now() + ttlMs })
      return value
    },
    forget: key => void known.delete(key),
  }
}
