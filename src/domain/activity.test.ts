import test from 'ava'
import fc from 'fast-check'
import { minuteMs, summarize, tookBoundsMs, tookIndex } from './activity.ts'

const minute = (tookMs: readonly number[], failed = 0) => {
  const took: number[] = []
  for (const each of tookMs) took[tookIndex(each)] = (took[tookIndex(each)] ?? 0) + 1
  return { tenant: 'acme', subscriptionId: 'sub_1', at: 0, attempts: tookMs.length, failed, took }
}

test('a percentile is within an eighth of the true one, however the attempts are spread over minutes', t => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 200 }), tookMs => {
      const sorted = tookMs.toSorted((a, b) => a - b)
      const half = Math.ceil(tookMs.length / 2)
      const { p50Ms, p95Ms } = summarize([minute(tookMs.slice(0, half)), minute(tookMs.slice(half))])
      for (const [share, found] of [
        [0.5, p50Ms],
        [0.95, p95Ms],
      ] as const) {
        const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0
        const bound = tookIndex(exact)
        t.true((found ?? 0) <= (tookBoundsMs[bound] ?? 0) && (found ?? 0) >= (tookBoundsMs[bound - 1] ?? 0))
      }
    }),
  )
})

test('without attempts there is no rate, and failures lower it', t => {
  t.like(summarize([]), { attempts: 0, successRate: null, p50Ms: null })
  t.like(summarize([minute([10, 20, 30, 40], 1)]), { attempts: 4, succeeded: 3, failed: 1, successRate: 0.75 })
})

test('the bounds grow by a quarter from 1 ms to about 30 s, and a longer attempt counts in the last one', t => {
  t.is(tookBoundsMs[0], 1)
  t.true((tookBoundsMs.at(-1) ?? 0) >= 28_000 && (tookBoundsMs.at(-1) ?? 0) < 30_000)
  for (const [index, bound] of tookBoundsMs.entries())
    if (index > 0) t.true(Math.abs(bound / (tookBoundsMs[index - 1] ?? 0) - 1.25) < 0.051)
  t.is(minuteMs, 60_000)
  t.is(tookIndex(0), 0)
  t.is(tookIndex(1), 0)
  t.is(tookIndex(1.1), 1)
  t.is(tookIndex(1e9), tookBoundsMs.length - 1)
})

test('a percentile lies within its class in proportion', t => {
  const [lower, upper] = [tookBoundsMs[8] ?? 0, tookBoundsMs[9] ?? 0]
  const tenth = (share: number) => Math.round((lower + (upper - lower) * share) * 10) / 10
  t.like(summarize([minute(Array.from({ length: 10 }, () => upper))]), { p50Ms: tenth(0.5), p95Ms: tenth(0.95) })
  t.like(summarize([minute([1, 1])]), { p50Ms: 0.5 })
})
