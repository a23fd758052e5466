/** Counts by id for the busiest ids only, so that metrics by id stay bounded. */
export interface BusiestCounts<Count> {
  /** The count to add one use of this id to, made when it has none yet; null when other ids have all the places. */
  of(id: string, make: () => Count): Count | null
  /** Whether this id has a place. */
  has(id: string): boolean
  /** The counts of ids that were used within the hour. */
  entries(): Iterable<readonly [id: string, count: Count]>
}

/** How many ids have a place. */
export const places = 500
/** Bounds the memory for ids without a place, 3 MB. An id beyond it cannot earn one. */
const trackedLimit = 20_000
const hourMs = 60 * 60_000
const reviewEveryMs = 60_000

interface Tracked<Count> {
  hasPlace: boolean
  count: Count | null
  /** Recent uses: halved every hour. */
  uses: number
  usedAt: number
}

/**
 * An id takes the place of another one only when it is clearly busier: ids that are equally busy would otherwise take turns, and each
 * turn is a new series for Prometheus.
 */
const isClearlyBusier = (one: number, other: number): boolean => one > other * 2 + 10

export const createBusiestCounts = <Count>(now: () => number = () => performance.now()): BusiestCounts<Count> => {
  const tracked = new Map<string, Tracked<Count>>()
  let free = places
  let reviewedAt = now()
  let halvedAt = reviewedAt

  const forgetIdle = (at: number): void => {
    for (const [id, { hasPlace, usedAt }] of tracked)
      if (at - usedAt > hourMs) {
        tracked.delete(id)
        if (hasPlace) free += 1
      }
  }
  const halveUses = (at: number): void => {
    if (at - halvedAt < hourMs) return
    halvedAt = at
    for (const each of tracked.values()) each.uses /= 2
  }
  const givePlacesToBusier = (): void => {
    const byUses = [...tracked.values()].toSorted((a, b) => b.uses - a.uses)
    const leastFirst = byUses.filter(({ hasPlace }) => hasPlace).toReversed()
    for (const [index, busy] of byUses.filter(({ hasPlace }) => !hasPlace).entries()) {
      const least = leastFirst[index]
      if (least === undefined || !isClearlyBusier(busy.uses, least.uses)) return
      Object.assign(least, { hasPlace: false, count: null })
      busy.hasPlace = true
    }
  }
  const review = (at: number): void => {
    reviewedAt = at
    forgetIdle(at)
    halveUses(at)
    if (free === 0) givePlacesToBusier()
  }
  const track = (id: string): Tracked<Count> | null => {
    if (tracked.size >= trackedLimit) return null
    const added = { hasPlace: false, count: null, uses: 0, usedAt: 0 }
    tracked.set(id, added)
    return added
  }

  return {
    of: (id, make) => {
      const at = now()
      if (at - reviewedAt >= reviewEveryMs) review(at)
      const found = tracked.get(id) ?? track(id)
      if (found === null) return null
      found.uses += 1
      found.usedAt = at
      if (!found.hasPlace && free > 0) {
        free -= 1
        found.hasPlace = true
      }
      return found.hasPlace ? (found.count ??= make()) : null
    },
    has: id => tracked.get(id)?.hasPlace ?? false,
    entries: () => {
      forgetIdle(now())
      return [...tracked].flatMap(([id, { count }]) => (count === null ? [] : [[id, count] as const]))
    },
  }
}
