import { setTimeout } from 'node:timers/promises'

/** A scrape and the collector that come at nearly the same time share one answer. */
const keepForMs = 10_000
/** A slow server is not asked again while it has not answered, unless its answer will never come. */
const lostAfterMs = 60_000
/** Prometheus waits ten seconds for a scrape by default, and the servers are asked side by side. */
const answerWithinMs = 2_000

interface Limits {
  readonly keepMs?: number
  readonly withinMs?: number
}

/** Asks, and returns that answer again while it is recent. The result is null when the work fails or does not answer in time; it never rejects. */
export const recentAnswer = <T>(
  ask: () => Promise<T>,
  { keepMs = keepForMs, withinMs = answerWithinMs }: Limits = {},
): (() => Promise<T | null>) => {
  let last: { readonly at: number; readonly answer: Promise<T | null> } | null = null
  let asking = false
  const askOnce = async () => {
    asking = true
    try {
      return await ask()
    } finally {
      asking = false
    }
  }
  return () => {
    const now = performance.now()
    if (last === null || now - last.at >= (asking ? lostAfterMs : keepMs))
      last = { at: now, answer: inTime(askOnce, withinMs) }
    return last.answer
  }
}

const inTime = async <T>(work: () => Promise<T>, withinMs: number): Promise<T | null> => {
  const done = new AbortController()
  const late = setTimeout(withinMs, null, { signal: done.signal })
  try {
    return await Promise.race([work(), late])
  } catch {
    return null
  } finally {
    done.abort()
  }
}
