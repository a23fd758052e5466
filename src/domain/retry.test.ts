import test from 'ava'
import fc from 'fast-check'
import { defaultRetry, nextAttemptAt, plainDelayMs, type RetryPolicy, withJitter } from './retry.ts'

const growth: RetryPolicy = { maxAttempts: 5, firstDelayMs: 1_000, factor: 3, maxDelayMs: 5_000, giveUpAfterMs: 60_000 }
const ask = (policy: RetryPolicy, failedAttempt: number, change = {}) =>
  nextAttemptAt(policy, { failedAttempt, firstAttemptAt: 0, now: 0, chance: 1, ...change })

test('a growing policy multiplies the delay up to its maximum, then ends', t => {
  t.deepEqual(
    [2, 3, 4, 5, 6].map(attempt => plainDelayMs(growth, attempt)),
    [1_000, 3_000, 5_000, 5_000, null],
  )
})

test('the default makes 12 attempts over about 72 hours', t => {
  t.is(defaultRetry.delaysMs.length + 1, 12)
  t.is(Math.round(defaultRetry.delaysMs.reduce((sum, ms) => sum + ms, 0) / 3_600_000), 72)
})

test('short delays get full jitter, long ones ±20 %', t => {
  t.deepEqual([withJitter(1_000, 0), withJitter(1_000, 1)], [100, 1_000])
  t.deepEqual([withJitter(3_600_000, 0), withJitter(3_600_000, 1)], [2_880_000, 4_320_000])
})

test('a longer Retry-After wins, up to six hours', t => {
  t.is(ask(growth, 1, { retryAfterMs: 30_000 }), 30_000)
  t.is(ask({ delaysMs: [1_000] }, 1, { retryAfterMs: 999 * 3_600_000 }), 6 * 3_600_000)
  t.is(ask(growth, 1, { retryAfterMs: 10 }), 1_000)
})

test('no attempt follows after giveUpAfterMs', t => {
  t.is(ask(growth, 1, { now: 59_500 }), null)
})

test('the next attempt never lies in the past, and there are never more than the policy allows', t => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.float({ min: 0, max: Math.fround(0.999), noNaN: true }),
      (failedAttempt, chance) => {
        const at = nextAttemptAt(growth, { failedAttempt, firstAttemptAt: 0, now: 100, chance })
        return failedAttempt >= 5 ? at === null : at !== null && at > 100
      },
    ),
  )
  t.pass()
})
