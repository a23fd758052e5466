/** Two who collect, a scrape and the collector, share one look. */
const freshMs = 10_000
/** A server that is slow is not asked once more meanwhile, unless its answer is never to come. */
const lostMs = 60_000
/** A scrape waits ten seconds by default, and several looks are taken beside one another. */
const withinMs = 2_000

/** The work's result, ten seconds old at most unless it says otherwise; null while it fails or does not answer in time. Never rejects. */
export const lookedAt = <T>(work: () => Promise<T>, keepMs = freshMs): (() => Promise<T | null>) => {
  let last: { readonly at: number; readonly result: Promise<T | null> } | null = null
  let isUnderWay = false
  const look = async () => {
    isUnderWay = true
    try {
      return await work()
    } finally {
      isUnderWay = false
    }
  }
  return () => {
    const now = performance.now()
    if (last === null || now - last.at >= (isUnderWay ? lostMs : keepMs)) last = { at: now, result: inTime(look) }
    return last.result
  }
}

const inTime = async <T>(work: () => Promise<T>): Promise<T | null> => {
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), withinMs)
  try {
    return await Promise.race([work(), late])
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}
