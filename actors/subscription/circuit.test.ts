import test from 'ava'
import { meanings } from '../../src/domain/meaning.ts'
import type { OutcomeClass } from '../../src/domain/outcome.ts'
import { type Circuit, closedCircuit, fromStored, afterAttempt, tick, toStored } from './circuit.ts'

const after = (classes: readonly OutcomeClass[], from: Circuit = closedCircuit(0), now = 0, probe = false): Circuit =>
  classes.reduce((circuit, each) => afterAttempt(circuit, meanings[each], probe, { now, chance: 0.5 }), from)
const times = (count: number, each: OutcomeClass): OutcomeClass[] => Array.from({ length: count }, () => each)

for (const [title, classes, phase] of [
  ['five attempts without an answer, one after the other, open it', times(5, 'timeout'), 'open'],
  ['four do not', times(4, 'connect'), 'closed'],
  ['an answer between them restarts the count', [...times(4, 'timeout'), 'delivered', 'timeout'], 'closed'],
  ['half of ten attempts failing opens it', [...times(5, 'delivered'), ...times(5, 'server_error')], 'open'],
  ['less than half does not', [...times(6, 'delivered'), ...times(5, 'server_error')], 'closed'],
  ['nine failures alone do not', times(9, 'server_error'), 'closed'],
  ['429 and refused events are answers: they count for nothing', times(30, 'throttled'), 'closed'],
  ['faults of our own count for nothing', times(30, 'own_fault'), 'closed'],
] as const)
  test(`a closed circuit: ${title}`, t => t.is(after(classes).phase, phase))

test('attempts of more than a minute ago are forgotten', t => {
  const old = after(times(9, 'server_error'))
  t.is(after(['server_error'], old, 61_000).phase, 'closed')
})

test('an open circuit waits 30 s, then twice as long each time, 10 min at most, and says why', t => {
  const waits: number[] = []
  let circuit = after(times(5, 'timeout'))
  for (let now = 0; waits.length < 7;) {
    if (circuit.phase !== 'open') return t.fail()
    t.regex(circuit.reason, /answer in time/)
    waits.push((circuit.until - now) / 1_000)
    now = circuit.until
    t.is(tick(circuit, now - 1).phase, 'open')
    circuit = after(['timeout'], tick(circuit, now), now, true)
  }
  t.deepEqual(waits, [30, 60, 120, 240, 480, 600, 600])
  return undefined
})

test('half-open: three successful probes close it, a failed one opens it again, and stragglers count for nothing', t => {
  const half = tick(after(times(5, 'timeout')), 60_000)
  t.is(half.phase, 'half-open')
  t.is(after(times(2, 'delivered'), half, 60_000, true).phase, 'half-open')
  t.is(after(times(3, 'delivered'), half, 60_000, true).phase, 'closed')
  t.is(after(['delivered', 'timeout'], half, 60_000, true).phase, 'open')
  t.is(after(times(9, 'timeout'), half, 60_000, false).phase, 'half-open')
})

test('a circuit that opens again within ten minutes of closing waits longer than the first time', t => {
  const half = tick(after(times(5, 'timeout')), 60_000)
  const closed = after(times(3, 'delivered'), half, 60_000, true)
  const soon = after(times(5, 'timeout'), closed, 120_000)
  t.like(soon, { phase: 'open', times: 2, until: 120_000 + 60_000 })
  t.like(after(times(5, 'timeout'), closed, 60_000 + 11 * 60_000), { phase: 'open', times: 1 })
})

test('what is stored of a circuit is what a takeover begins with', t => {
  const open = after(times(5, 'timeout'))
  t.deepEqual(fromStored(toStored(open)), open)
  const half = tick(open, 60_000)
  t.deepEqual(fromStored(toStored(half)), half)
})
