/**
 * Remembers which events were worked on, so that one that arrives again is answered and not repeated. Doorbell delivers at least once.
 * A store of your own (a unique column in your database) survives restarts; this one is for a single process.
 */
export interface SeenIds {
  has(id: string): boolean | Promise<boolean>
  /** To be called after the work has succeeded. */
  add(id: string): void | Promise<void>
}

/** Remembers ids in memory: the last `capacity` of them, for `ttlMs`. The default outlasts the default retry span of 72 h. */
export const createSeenIds = ({ capacity = 100_000, ttlMs = 4 * 24 * 60 * 60_000, now = Date.now } = {}): SeenIds => {
  const seen = new Map<string, number>()
  return {
    has: id => {
      const until = seen.get(id)
      return until !== undefined && until > now()
    },
    add: id => {
      const [oldest] = seen.keys()
      if (seen.size >= capacity && oldest !== undefined) seen.delete(oldest)
      seen.set(id, now() + ttlMs)
    },
  }
}
