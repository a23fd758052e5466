/** Counts by id for at most `limit` ids; what is beyond counts for `other`. An id that was idle for an hour makes room. */
export interface Bounded<Count> {
  of(id: string): Count
  /** Of those that were asked for within the hour. */
  entries(): Iterable<readonly [id: string, count: Count]>
}

export const other = 'other'
const limit = 500
const idleMs = 60 * 60_000

interface Kept<Count> {
  readonly count: Count
  usedAt: number
}

export const createBounded = <Count>(
  make: (id: string) => Count,
  now: () => number = () => performance.now(),
): Bounded<Count> => {
  const kept = new Map<string, Kept<Count>>()
  const rest = make(other)
  const forgetIdle = () => {
    const before = now() - idleMs
    for (const [id, { usedAt }] of kept) if (usedAt < before) kept.delete(id)
  }
  const add = (id: string): Count => {
    if (kept.size >= limit) return rest
    const count = make(id)
    kept.set(id, { count, usedAt: now() })
    return count
  }
  return {
    of: id => {
      const found = kept.get(id)
      if (found === undefined) return add(id)
      found.usedAt = now()
      return found.count
    },
    entries: () => {
      forgetIdle()
      return [...[...kept].map(([id, { count }]) => [id, count] as const), [other, rest] as const]
    },
  }
}
