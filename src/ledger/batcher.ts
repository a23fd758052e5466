/** Collects calls while a batch is under way, and until the next may begin, and processes them together. */
export interface Batcher<T, R> {
  /** Resolves to the result of this value; rejects with the batch's error. */
  add(value: T): Promise<R>
}

export interface BatchLimits {
  readonly limit: number
  readonly inFlight: number
  /** The least time between the starts of two batches, unless one is full: a lone call waits for nothing, and under load batches are few and large. Default 0 */
  readonly everyMs?: number
}

interface Waiting<T, R> {
  readonly value: T
  readonly resolve: (result: R) => void
  readonly reject: (error: unknown) => void
}

/**
 * Creates a batcher with at most `inFlight` batches of at most `limit` values at once. `work` returns one result for each value, in order; an
 * Error rejects only its own value.
 */
export const createBatcher = <T, R>(
  { limit, inFlight, everyMs = 0 }: BatchLimits,
  work: (values: readonly T[]) => Promise<readonly (R | Error)[]>,
): Batcher<T, R> => {
  let waiting: Waiting<T, R>[] = []
  let underWay = 0
  /** The next check of the queue: at the end of this turn of the event loop, or when the next batch may begin. */
  let soon: NodeJS.Immediate | null = null
  let later: NodeJS.Timeout | null = null
  let mayBeginAt = -Infinity

  const run = async (batch: readonly Waiting<T, R>[]) => {
    try {
      const results = await work(batch.map(({ value }) => value))
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index] as R | Error
        if (result instanceof Error) reject(result)
        else resolve(result)
      })
    } catch (error) {
      batch.forEach(({ reject }) => reject(error))
    } finally {
      underWay -= 1
      next()
    }
  }
  const next = () => {
    soon = null
    while (waiting.length > 0 && underWay < inFlight) {
      const leftMs = mayBeginAt - performance.now()
      if (leftMs > 0 && waiting.length < limit) {
        later ??= setTimeout(() => {
          later = null
          next()
        }, leftMs)
        return
      }
      if (later !== null) clearTimeout(later)
      later = null
      mayBeginAt = performance.now() + everyMs
      const batch = waiting.slice(0, limit)
      waiting = waiting.slice(limit)
      underWay += 1
      void run(batch)
    }
  }

  return {
    add: value =>
      new Promise((resolve, reject) => {
        waiting.push({ value, resolve, reject })
        if (later === null || waiting.length >= limit) soon ??= setImmediate(next)
      }),
  }
}
