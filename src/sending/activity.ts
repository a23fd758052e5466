import type { Patience } from '../../actors/kit/patiently.ts'
import { type ActivityMinute, minuteMs, tookIndex } from '../domain/activity.ts'
import type { Delivery } from '../domain/delivery.ts'

/** Counts attempts, and hands the counts on every few seconds: one write for many attempts. */
export interface Activity {
  attempted(delivery: Delivery, good: boolean, tookMs: number): void
  /** Hands on what is left. */
  stop(): Promise<void>
}

interface Counting extends ActivityMinute {
  attempts: number
  failed: number
  readonly took: number[]
}

const flushEveryMs = 5_000

export const countActivity = (
  add: (minutes: readonly ActivityMinute[]) => Promise<void>,
  onWait: Patience['onWait'],
): Activity => {
  let minutes = new Map<string, Counting>()
  const flush = async () => {
    if (minutes.size === 0) return
    const counted = [...minutes.values()]
    minutes = new Map()
    // What cannot be written is lost: it decides nothing, and holding it would grow without bound.
    await add(counted).catch((error: unknown) => onWait(error, flushEveryMs))
  }
  const flushing = setInterval(() => void flush(), flushEveryMs)
  flushing.unref()
  return {
    attempted: ({ tenant, subscriptionId }, good, tookMs) => {
      const at = Math.floor(Date.now() / minuteMs) * minuteMs
      const key = `${subscriptionId}.${at}`
      let counting = minutes.get(key)
      if (counting === undefined)
        minutes.set(key, (counting = { tenant, subscriptionId, at, attempts: 0, failed: 0, took: [] }))
      const index = tookIndex(tookMs)
      counting.attempts += 1
      counting.took[index] = (counting.took[index] ?? 0) + 1
      if (!good) counting.failed += 1
    },
    stop: async () => {
      clearInterval(flushing)
      await flush()
    },
  }
}
