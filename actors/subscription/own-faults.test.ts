import test from 'ava'
import { afterAttempt, noOwnFaults } from './own-faults.ts'

const own = { verdict: 'own_fault' } as const

test('each fault of our own doubles the pause, from 1 s to 30 s', t => {
  let [state, now] = [noOwnFaults, 1_000]
  const pauses: number[] = []
  for (let n = 0; n < 7; n += 1) {
    state = afterAttempt(state, own, now)
    pauses.push(state.until - now)
    now = state.until
  }
  t.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  t.is(state.inARow, 7)
})

test('attempts that fail together are one fault', t => {
  const first = afterAttempt(noOwnFaults, own, 1_000)
  t.is(afterAttempt(first, own, 1_999), first)
  t.deepEqual(afterAttempt(first, own, 2_000), { inARow: 2, until: 4_000 })
})

test('any other outcome ends the pause, good or bad', t => {
  for (const verdict of ['delivered', 'retry'] as const) {
    t.is(afterAttempt({ inARow: 3, until: 9_000 }, { verdict }, 1_000), noOwnFaults)
    t.is(afterAttempt(noOwnFaults, { verdict }, 1_000), noOwnFaults)
  }
})
