import { type ActivityMinute, minuteMs, tookIndex } from '../domain/activity.ts'
import type { Delivery } from '../domain/delivery.ts'

/** Counts attempts by subscription and minute. */
export interface Activity {
  attempted(delivery: Delivery, delivered: boolean, tookMs: number): void
  /** Stores what is left. */
  stop(): Promise<void>
}

interface Counting extends ActivityMinute {
  attempts: number
  failed: number
  readonly took: number[]
}

const flushEveryMs = 5_000

/** Stores the counts with `add` every few seconds: one write for many attempts. */
export const countActivity = (
  add: (minutes: readonly ActivityMinute[]) => Promise<void>,
  onFault: (error: unknown, againInMs: number) => void,
): Activity => {
  let minutes = new Map<string, Counting>()
  const flush = async () => {
    if (minutes.size === 0) return
    const counted = [...minutes.values()]
    minutes = new Map()
    // Counts that cannot be written are dropped: nothing is decided by them, and kept they would grow without bound.
    await add(counted).catch((error: unknown) => onFault(error, flushEveryMs))
  }
  const flushing = setInterval(() => void flush(), flushEveryMs)
  flushing.unref()
  return {
    attempted: ({ tenant, subscriptionId }, delivered, tookMs) => {
      const at = Math.floor(Date.now() / minuteMs) * minuteMs
      const key = `${subscriptionId}.${at}`
      let counting = minutes.get(key)
      if (counting === undefined)
        minutes.set(key, (counting = { tenant, subscriptionId, at, attempts: 0, failed: 0, took: [] }))
      const index = tookIndex(tookMs)
      counting.attempts += 1
      counting.took[index] = (counting.took[index] ?? 0) + 1
      if (!delivered) counting.failed += 1
    },
    stop: async () => {
      clearInterval(flushing)
      await flush()
    },
  }
}
