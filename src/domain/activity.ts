import type { EpochMs } from './time.ts'

/** The results of one subscription's attempts in one minute. */
export interface ActivityMinute {
  readonly tenant: string
  readonly subscriptionId: string
  /** Start of the minute. */
  readonly at: EpochMs
  readonly attempts: number
  readonly failed: number
  /** The number of attempts that took at most `tookBoundsMs[index]` and more than the previous bound; may have holes. */
  readonly took: readonly number[]
}

export const minuteMs = 60_000

/** Each bound is about a quarter larger than the previous one, 1 ms to 30 s, so that a percentile is at most an eighth off. */
export const tookBoundsMs: readonly number[] = Array.from(
  { length: 47 },
  (_, index) => Math.round(1.25 ** index * 10) / 10,
)

export const tookIndex = (tookMs: number): number => {
  const index = tookBoundsMs.findIndex(bound => tookMs <= bound)
  return index === -1 ? tookBoundsMs.length - 1 : index
}

/** The sum of several minutes. Percentiles in ms, null without attempts. */
export interface ActivitySummary {
  readonly attempts: number
  readonly succeeded: number
  readonly failed: number
  /** 0 to 1; null without attempts. */
  readonly successRate: number | null
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

export const summarize = (minutes: readonly ActivityMinute[]): ActivitySummary => {
  const attempts = minutes.reduce((sum, minute) => sum + minute.attempts, 0)
  const failed = minutes.reduce((sum, minute) => sum + minute.failed, 0)
  const took = tookBoundsMs.map((_, index) => minutes.reduce((sum, minute) => sum + (minute.took[index] ?? 0), 0))
  return {
    attempts,
    succeeded: attempts - failed,
    failed,
    successRate: attempts === 0 ? null : (attempts - failed) / attempts,
    p50Ms: percentile(took, 0.5),
    p95Ms: percentile(took, 0.95),
  }
}

/** Interpolates linearly between the bounds of the class that holds the percentile; null without attempts. */
const percentile = (took: readonly number[], share: number): number | null => {
  let left = share * took.reduce((sum, count) => sum + count, 0)
  for (const [index, count] of took.entries()) {
    const upper = tookBoundsMs[index] ?? 0
    const lower = tookBoundsMs[index - 1] ?? 0
    if (count > 0 && left <= count) return Math.round((lower + (upper - lower) * (left / count)) * 10) / 10
    left -= count
  }
  return null
}
