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

test('answers that become slow shrink it', t => {
  const known = answers(4)
  t.true(after(known, 'delivered', { tookMs: 2_000 }).limit < known.limit)
  t.false(after(known, 'delivered', { tookMs: 900 }).limit < known.limit, 'below a second nothing is slow')
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
