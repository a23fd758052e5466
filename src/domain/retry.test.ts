import test from 'ava'
import fc from 'fast-check'
import { page } from '../../test/support/documented-table.ts'
import {
  defaultRetry,
  fullJitterBelowMs,
  maxRetryAfterMs,
  nextAttemptAt,
  plainDelayMs,
  type RetryPolicy,
  retryCaps,
  withJitter,
} from './retry.ts'

const growth: RetryPolicy = { maxAttempts: 5, firstDelayMs: 1_000, factor: 3, maxDelayMs: 5_000, giveUpAfterMs: 60_000 }
const ask = (policy: RetryPolicy, failedAttempt: number, change = {}) =>
  nextAttemptAt(policy, { failedAttempt, firstAttemptAt: 0, now: 0, chance: 1, ...change })

const units: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000 }
const hourMs = 3_600_000

test('the default schedule is the one in receivers.md: 12 attempts within about three days', t => {
  const [, count = '', delays = ''] =
    /It tries (\d+) times within about three days: after ([^;]+?), with jitter/.exec(page('docs/receivers.md')) ?? []
  const delaysMs = [...delays.matchAll(/(\d+) (s|min|h)\b/g)].map(
    ([, number, unit = '']) => Number(number) * (units[unit] ?? 0),
  )
  t.deepEqual(defaultRetry.delaysMs, delaysMs)
  t.is(delaysMs.length + 1, Number(count))
  t.is(Math.round(delaysMs.reduce((sum, ms) => sum + ms, 0) / hourMs), 72)
})

test('a growing policy multiplies the delay up to its maximum, then ends', t => {
  t.deepEqual(
    [2, 3, 4, 5, 6].map(attempt => plainDelayMs(growth, attempt)),
    [1_000, 3_000, 5_000, 5_000, null],
  )
})

test('a listed delay is the one before its attempt; after the last, the policy ends', t => {
  t.deepEqual(
    [2, 3, 4].map(attempt => plainDelayMs({ delaysMs: [7_000, 9_000] }, attempt)),
    [7_000, 9_000, null],
  )
  t.is(plainDelayMs({ delaysMs: [] }, 2), null)
})

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const delay = fc.integer({ min: retryCaps.minDelayMs, max: retryCaps.maxDelayMs })

test('a delay below 5 min becomes 10 to 100 % of itself, a longer one changes by at most 20 %, and a greater chance never makes it shorter', t => {
  t.is(fullJitterBelowMs, 5 * 60_000)
  fc.assert(
    fc.property(fc.oneof(delay, fc.constantFrom(299_999, 300_000)), chance, chance, (delayMs, one, other) => {
      const [least, most] = delayMs < 300_000 ? [0.1, 1] : [0.8, 1.2]
      t.is(withJitter(delayMs, 0), Math.round(least * delayMs))
      t.is(withJitter(delayMs, 1), Math.round(most * delayMs))
      const [shorter, longer] = [Math.min(one, other), Math.max(one, other)].map(each => withJitter(delayMs, each))
      t.true(withJitter(delayMs, 0) <= (shorter ?? 0) && (shorter ?? 0) <= (longer ?? 0))
      t.true((longer ?? 0) <= withJitter(delayMs, 1) && Number.isInteger(longer))
    }),
  )
})

test('a Retry-After that is longer than the delay wins, up to six hours', t => {
  t.is(ask(growth, 1, { retryAfterMs: 30_000 }), 30_000)
  t.is(ask(growth, 1, { retryAfterMs: 10 }), 1_000)
  t.is(maxRetryAfterMs, 6 * hourMs)
  const once = { delaysMs: [1_000] }
  t.is(ask(once, 1, { retryAfterMs: 6 * hourMs - 1 }), 6 * hourMs - 1)
  t.is(ask(once, 1, { retryAfterMs: 6 * hourMs + 1 }), 6 * hourMs)
  // The policy's own delay may be longer.
  t.is(ask({ delaysMs: [10 * hourMs] }, 1, { retryAfterMs: 999 * hourMs, chance: 0.5 }), 10 * hourMs)
})

test('no attempt follows after giveUpAfterMs, counted from the first attempt', t => {
  t.is(ask(growth, 1, { now: 59_000 }), 60_000)
  t.is(ask(growth, 1, { now: 59_001 }), null)
  t.is(ask(growth, 1, { now: 59_001, firstAttemptAt: 1 }), 60_001)
  // A list of delays ends after 7 days, the longest time of any policy.
  const days = 24 * hourMs
  t.is(ask({ delaysMs: [1_000] }, 1, { now: 7 * days - 1_000 }), 7 * days)
  t.is(ask({ delaysMs: [1_000] }, 1, { now: 7 * days - 999 }), null)
})

test('the next attempt never lies in the past, and there are never more than the policy allows', t => {
  const grows = fc.record({
    maxAttempts: fc.integer({ min: 1, max: retryCaps.maxAttempts }),
    firstDelayMs: delay,
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    maxDelayMs: delay,
    giveUpAfterMs: fc.integer({ min: 1_000, max: retryCaps.giveUpAfterMs }),
  })
  const list = fc.record({ delaysMs: fc.array(delay, { maxLength: retryCaps.maxAttempts - 1 }) })
  fc.assert(
    fc.property(fc.oneof(grows, list), fc.integer({ min: 1, max: 40 }), chance, (policy, failedAttempt, drawn) => {
      const now = 1_000_000
      const at = nextAttemptAt(policy, { failedAttempt, firstAttemptAt: now - 100, now, chance: drawn })
      const most = 'delaysMs' in policy ? policy.delaysMs.length + 1 : policy.maxAttempts
      if (failedAttempt >= most) t.is(at, null)
      else if (at !== null) t.true(at > now && at <= now + 1.2 * retryCaps.maxDelayMs)
    }),
  )
})
