import test from 'ava'
import fc from 'fast-check'
import { meanings } from '../../src/domain/meaning.ts'
import type { OutcomeClass } from '../../src/domain/outcome.ts'
import { afterAnswer, type InFlightLimit, limitAtStart, ramp, slots } from './in-flight.ts'

const max = 64
const after = (state: InFlightLimit, outcome: OutcomeClass, { at = 0, tookMs = 10, underWay = 1_000 } = {}) =>
  afterAnswer(state, { meaning: meanings[outcome], startedAt: at, tookMs, underWay }, max)
const answers = (count: number, state = limitAtStart, change = {}): InFlightLimit =>
  Array.from({ length: count }).reduce<InFlightLimit>(each => after(each, 'delivered', change), state)

test('it doubles with each round trip until it reaches the customer’s limit', t => {
  t.is(slots(limitAtStart, max), 16)
  t.is(slots(answers(16), max), 32)
  t.is(slots(answers(1_000), max), max)
  t.is(slots(limitAtStart, 4), 4)
})

test('a limit that is not used does not grow', t => {
  t.is(slots(answers(1_000, limitAtStart, { underWay: 3 }), max), 16)
})

test('a timeout, 429 or 503 halves it, once for all that was under way; then it grows by one a round trip', t => {
  const cut = after(limitAtStart, 'timeout', { at: 1_000 })
  t.is(slots(cut, max), 8)
  t.is(slots(after(cut, 'throttled', { at: 900 }), max), 8, 'it began before the cut')
  t.is(slots(after(cut, 'overloaded', { at: 2_000 }), max), 4)
  t.is(slots(answers(8, cut), max), 8)
  t.is(slots(answers(9, cut), max), 9)
})

test('a failure that says nothing of load leaves it alone', t => {
  for (const each of ['server_error', 'denied', 'rejected', 'connect', 'own_fault'] as const)
    t.is(after(limitAtStart, each), limitAtStart)
})

for (const [baselineMs, tookMs, isSlow] of [
  [10, 1_000, false],
  [10, 1_001, true],
  [300, 1_200, false],
  [300, 1_201, true],
  [Infinity, 60_000, false],
] as const)
  test(`an answer after ${tookMs} ms, ${baselineMs} ms being the shortest, is ${isSlow ? '' : 'not '}slow`, t => {
    const known = { ...limitAtStart, baselineMs }
    const state = after(known, 'delivered', { at: 500, tookMs })
    t.is(state.limit, isSlow ? 16 * 0.9 : 17)
    if (isSlow) t.deepEqual(state, { limit: 14.4, slowStartTo: 14.4, baselineMs, cutAt: 500 + tookMs })
  })

test('the shortest answer is forgotten by 1 % with each answer', t => {
  t.is(after({ ...limitAtStart, baselineMs: 100 }, 'delivered', { tookMs: 500 }).baselineMs, 101)
  t.is(after({ ...limitAtStart, baselineMs: 100 }, 'delivered', { tookMs: 40 }).baselineMs, 40)
  t.is(after({ ...limitAtStart, baselineMs: 100 }, 'delivered', { tookMs: 500, underWay: 0 }).baselineMs, 101)
})

test('it grows only while half of it is used, and not above the customer’s limit', t => {
  t.is(after(limitAtStart, 'delivered', { underWay: 8 }).limit, 17)
  t.is(after(limitAtStart, 'delivered', { underWay: 7 }).limit, 16)
  t.is(after({ ...limitAtStart, limit: max - 0.5 }, 'delivered').limit, max)
  t.is(after({ ...limitAtStart, limit: max }, 'delivered').limit, max)
  t.is(after({ ...limitAtStart, limit: max + 10 }, 'delivered').limit, max + 10)
})

test('a cut starts from the customer’s limit, lasts until its attempt ended, and leaves at least one', t => {
  const cut = after({ ...limitAtStart, limit: 200 }, 'timeout', { at: 1_000, tookMs: 300 })
  t.deepEqual(cut, { limit: max / 2, slowStartTo: max / 2, baselineMs: Infinity, cutAt: 1_300 })
  t.is(after(cut, 'timeout', { at: 1_299 }), cut)
  t.is(after(cut, 'timeout', { at: 1_300 }).limit, max / 4)
  t.like(after({ ...limitAtStart, limit: 1 }, 'timeout'), { limit: 1, slowStartTo: 1 })
})

test('slots are whole, at least one', t => {
  t.is(slots({ ...limitAtStart, limit: 2.9 }, max), 2)
  t.is(slots({ ...limitAtStart, limit: 0.5 }, max), 1)
  t.like(ramp({ ...limitAtStart, limit: 3, cutAt: 7 }), { limit: 1, slowStartTo: 2, cutAt: 7 })
})

test('after an outage it begins with one, and doubles to half of what it was', t => {
  const again = ramp({ ...limitAtStart, limit: 40 })
  t.is(slots(again, max), 1)
  t.is(slots(answers(1, again), max), 2)
  t.is(slots(answers(19, again), max), 20)
  t.is(slots(answers(39, again), max), 20, 'from there by one a round trip')
})

test('whatever happens it stays within 1 and the customer’s limit', t => {
  const outcome = fc.constantFrom<OutcomeClass>('delivered', 'timeout', 'throttled', 'overloaded', 'server_error')
  const step = fc.record({ outcome, at: fc.nat(10_000), tookMs: fc.nat(5_000), underWay: fc.nat(100) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 500 }), (steps, most) => {
      let state = limitAtStart
      for (const { outcome: each, ...observed } of steps)
        state = afterAnswer(state, { meaning: meanings[each], startedAt: observed.at, ...observed }, most)
      const now = slots(state, most)
      return now >= 1 && now <= most
    }),
  )
  t.pass()
})
