import test from 'ava'
import fc from 'fast-check'
import { fullBucket, hasToken, nextTokenAt, refill, spend } from './rate.ts'

/** Spends whenever it can, waking when the bucket says; answers with the moments. */
const spent = (perSecond: number, untilMs: number): number[] => {
  const moments: number[] = []
  let bucket = refill(fullBucket, perSecond, 0)
  for (let now = 0; now <= untilMs; now = nextTokenAt(bucket, perSecond) ?? Infinity) {
    bucket = refill(bucket, perSecond, now)
    while (hasToken(bucket)) {
      moments.push(now)
      bucket = spend(bucket)
    }
  }
  return moments
}

test('no second ever sees more than 1.1 times the rate (and one), and the rate is reached', t => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 1_000, noNaN: true }), perSecond => {
      const moments = spent(perSecond, 10_000)
      const most = Math.max(1, perSecond / 10) + perSecond
      const worst = Math.max(...moments.map((at, index) => moments.slice(index).filter(m => m < at + 1_000).length))
      return worst <= most + 1 && moments.length >= Math.floor(perSecond * 10 * 0.98)
    }),
    { numRuns: 50 },
  )
  t.pass()
})

test('without a rate there is always a token', t => {
  t.true(hasToken(spend(refill(fullBucket, undefined, 0))))
  t.is(nextTokenAt(fullBucket, undefined), null)
})

test('a new rate is in force at once', t => {
  const [slow, none] = [refill(fullBucket, 1, 0), refill(spend(refill(fullBucket, 1, 0)), undefined, 1)]
  t.true(hasToken(slow))
  t.false(hasToken(spend(slow)))
  t.true(hasToken(none))
})

test('the bucket holds a tenth of a second, at least one token, and fills at the rate', t => {
  const empty = { tokens: 0, at: 1_000 }
  t.deepEqual(refill(empty, 50, 1_040), { tokens: 2, at: 1_040 })
  t.deepEqual(refill(empty, 50, 9_000), { tokens: 5, at: 9_000 })
  t.deepEqual(refill(empty, 5, 9_000), { tokens: 1, at: 9_000 })
  t.deepEqual(refill(empty, 50, 900), { tokens: 0, at: 900 }, 'a clock that went back gives none')
  t.is(refill(empty, undefined, 9_000), fullBucket)
  t.is(spend(fullBucket), fullBucket)
  t.deepEqual(spend({ tokens: 2, at: 7 }), { tokens: 1, at: 7 })
})

test('a token is there when its fraction is, and its moment is never now', t => {
  t.deepEqual(
    [0.998, 0.999].map(tokens => hasToken({ tokens, at: 0 })),
    [false, true],
  )
  t.is(nextTokenAt({ tokens: 0, at: 1_000 }, 50), 1_020)
  t.is(nextTokenAt({ tokens: 0.5, at: 1_000 }, 3), 1_167)
  t.is(nextTokenAt({ tokens: 1, at: 1_000 }, 50), 1_001)
})
