import type { EpochMs } from './time.ts'

/** When to retry: a growing delay, or a list with the delay before each attempt. All in milliseconds. */
export type RetryPolicy = RetryByGrowth | RetryByList

export interface RetryByGrowth {
  readonly maxAttempts: number
  readonly firstDelayMs: number
  readonly factor: number
  readonly maxDelayMs: number
  readonly giveUpAfterMs: number
}

/** `delaysMs[0]` is the delay before attempt 2, and so on: n delays make n + 1 attempts. */
export interface RetryByList {
  readonly delaysMs: readonly number[]
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** 12 attempts over about 72 h: 0, 5 s, 30 s, 2 m, 10 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 20 h. */
export const defaultRetry: RetryByList = {
  delaysMs: [
    5 * second,
    30 * second,
    2 * minute,
    10 * minute,
    30 * minute,
    2 * hour,
    5 * hour,
    10 * hour,
    14 * hour,
    20 * hour,
    20 * hour,
  ],
}

/** The caps for every policy. */
export const retryCaps = {
  maxAttempts: 30,
  minDelayMs: 100,
  maxDelayMs: 24 * hour,
  giveUpAfterMs: 7 * 24 * hour,
} as const

/** Shorter delays get full jitter, to spread a thundering herd; longer ones ±20 %, to stay close to the promised time. */
export const fullJitterBelowMs = 5 * minute

/** Returns the delay before attempt number `attempt` (2, 3, …) without jitter, or null when the policy has no such attempt. */
export const plainDelayMs = (policy: RetryPolicy, attempt: number): number | null => {
  const index = attempt - 2
  if ('delaysMs' in policy) return policy.delaysMs[index] ?? null
  if (attempt > policy.maxAttempts) return null
  return Math.min(policy.firstDelayMs * policy.factor ** index, policy.maxDelayMs)
}

/** Adds jitter: a short delay becomes 10 to 100 % of itself (AWS "full jitter" with a floor), a long one changes by up to 20 %. */
export const withJitter = (delayMs: number, chance: number): number =>
  Math.round(delayMs < fullJitterBelowMs ? delayMs * (0.1 + 0.9 * chance) : delayMs * (0.8 + 0.4 * chance))

/** The longest time for which `Retry-After` may postpone an attempt. */
export const maxRetryAfterMs = 6 * hour

export interface RetryQuestion {
  /** Number of the attempt that just failed, from 1. */
  readonly failedAttempt: number
  readonly firstAttemptAt: EpochMs
  readonly now: EpochMs
  readonly chance: number
  /** The delay that the receiver asked for, if any. */
  readonly retryAfterMs?: number | undefined
}

/** Returns when the next attempt is due, or null when the policy is exhausted. A Retry-After that is longer than the policy's delay wins, up to its cap. */
export const nextAttemptAt = (policy: RetryPolicy, question: RetryQuestion): EpochMs | null => {
  const { failedAttempt, firstAttemptAt, now, chance, retryAfterMs } = question
  const plain = plainDelayMs(policy, failedAttempt + 1)
  if (plain === null) return null
  const dueAt = now + Math.max(withJitter(plain, chance), Math.min(retryAfterMs ?? 0, maxRetryAfterMs))
  const giveUpAfterMs = 'delaysMs' in policy ? retryCaps.giveUpAfterMs : policy.giveUpAfterMs
  return dueAt - firstAttemptAt > giveUpAfterMs ? null : dueAt
}
