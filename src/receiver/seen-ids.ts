/**
 * Remembers the ids of processed events, because Doorbell delivers at least once. Implement it over your database (a unique column) if it has to
 * survive restarts or serve several processes.
 */
export interface SeenIds {
  has(id: string): boolean | Promise<boolean>
  /** Is called after the event was processed. */
  add(id: string): void | Promise<void>
}

/** Remembers the last `capacity` ids in memory, each for `ttlMs`. The default of four days is longer than the default retries, which take 72 h. Throws RangeError if a number is missing. */
export const createSeenIds = ({ capacity = 100_000, ttlMs = 4 * 24 * 60 * 60_000, now = Date.now } = {}): SeenIds => {
  if (!(capacity >= 1)) throw new RangeError('capacity must be a number of ids, 1 or more.')
  if (!(ttlMs >= 0)) throw new RangeError('ttlMs must be a number of milliseconds, 0 or more.')
  const seen = new Map<string, number>()
  return {
    has: id => {
      const until = seen.get(id)
      return until !== undefined && until > now()
    },
    add: id => {
      // A replay is processed again: its id is then the newest.
      seen.delete(id)
      const [oldest] = seen.keys()
      if (seen.size >= capacity && oldest !== undefined) seen.delete(oldest)
      seen.set(id, now() + ttlMs)
    },
  }
}
