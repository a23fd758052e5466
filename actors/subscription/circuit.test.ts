import test from 'ava'
import { documentedTable } from '../../test/support/documented-table.ts'
import { meanings } from '../../src/domain/meaning.ts'
import type { OutcomeClass } from '../../src/domain/outcome.ts'
import {
  afterAttempt,
  afterTest,
  changesAt,
  type Circuit,
  closedCircuit,
  fromStored,
  tick,
  toStored,
} from './circuit.ts'

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, min: 60_000 }
const rules = new Map(documentedTable('actors/README.md', 'Circuit').map(([rule = '', figure = '']) => [rule, figure]))
/** The figure of a documented rule: a number, or a time in milliseconds. */
const figure = (rule: string): number => {
  const [, value, unit = ''] = /^±?(\d+) ?(s|min|%)?$/.exec(rules.get(rule) ?? '') ?? []
  if (value === undefined) throw new Error(`no rule: ${rule}`)
  return Number(value) * (unitsMs[unit] ?? 1)
}
const least = figure('attempts in the window before their failures count, at least')
const windowMs = figure('window')
const share = figure('share of failures that opens it') / 100
const silences = figure('attempts in a row without an answer that open it')
const firstMs = figure('wait before a probe, the first time')
const longestMs = figure('wait before a probe, doubled each time up to')
const jitter = figure('wait varies by') / 100
const probes = figure('probes in a row that close it')
const afterSuccessMs = figure('time after a successful probe or test, without a failed one, that closes it')
const unusedMs = figure('time half-open with nothing to send that closes it')
const quietMs = figure('time closed after which the wait begins with the first one again')

const after = (classes: readonly OutcomeClass[], from: Circuit = closedCircuit(0), now = 0, probe = false): Circuit =>
  classes.reduce((circuit, each) => afterAttempt(circuit, meanings[each], probe, { now, chance: 0.5 }), from)
const times = (count: number, each: OutcomeClass): OutcomeClass[] => Array.from({ length: count }, () => each)
const good = (count: number) => times(count, 'delivered')
const bad = (count: number) => times(count, 'server_error')
const openNow = after(times(silences, 'timeout'))
const halfOpen = tick(openNow, firstMs)

for (const [title, classes, phase] of [
  ['enough attempts in a row without an answer open it', times(silences, 'timeout'), 'open'],
  ['one less does not', times(silences - 1, 'connect'), 'closed'],
  ['a success between them restarts the count', [...times(silences - 1, 'timeout'), 'delivered', 'tls'], 'closed'],
  ['a failure with an answer restarts the count', [...times(silences - 1, 'timeout'), 'denied', 'timeout'], 'closed'],
  ['so does an answer that counts for nothing', [...times(silences - 1, 'timeout'), 'throttled', 'dns'], 'closed'],
  ['faults of our own do not', [...times(silences - 1, 'timeout'), 'own_fault', 'dns'], 'open'],
  ['the share of failures opens it', [...good(least * (1 - share)), ...bad(least * share)], 'open'],
  ['less than the share does not', [...good(least), ...bad(least * share)], 'closed'],
  ['too few attempts do not, though all failed', bad(least - 1), 'closed'],
  ['it opens with a failure, not with a success', [...bad(least - 1), 'delivered'], 'closed'],
  ['429 and refused events are answers: they count for nothing', times(30, 'throttled'), 'closed'],
  ['they do not dilute failures either', [...times(30, 'rejected'), ...bad(least)], 'open'],
  ['faults of our own count for nothing', times(30, 'own_fault'), 'closed'],
] as const satisfies readonly (readonly [string, readonly OutcomeClass[], Circuit['phase']])[])
  test(`a closed circuit: ${title}`, t => t.is(after(classes).phase, phase))

test('attempts count for as long as the window, in steps of ten seconds', t => {
  const old = after(bad(least - 1))
  t.is(after(['server_error'], old, windowMs - 1).phase, 'open')
  t.is(after(['server_error'], old, windowMs).phase, 'closed')
  const [first, next] = [after(['delivered']), after(['delivered'], after(['delivered']), 9_999)]
  t.like(next, { slices: [{ at: 0, good: 2, bad: 0 }] })
  t.like(after(['server_error'], first, 10_000), {
    slices: [
      { at: 0, good: 1, bad: 0 },
      { at: 10_000, good: 0, bad: 1 },
    ],
  })
  t.like(after(['server_error', 'server_error'], first, windowMs), { slices: [{ at: windowMs, good: 0, bad: 2 }] })
})

test('an open circuit waits longer each time, up to the longest wait', t => {
  const waits: number[] = []
  let circuit = openNow
  for (let now = 0; waits.length < 7;) {
    if (circuit.phase !== 'open') return t.fail()
    t.is(circuit.since, now)
    waits.push(circuit.until - now)
    now = circuit.until
    t.is(tick(circuit, now - 1), circuit)
    circuit = after(['timeout'], tick(circuit, now), now, true)
  }
  t.deepEqual(
    waits,
    [1, 2, 4, 8, 16, 32, 64].map(factor => Math.min(firstMs * factor, longestMs)),
  )
  return undefined
})

test('the waits of many circuits differ', t => {
  const waitAt = (chance: number) => {
    const circuit = times(silences, 'timeout').reduce<Circuit>(
      (before, each) => afterAttempt(before, meanings[each], false, { now: 0, chance }),
      closedCircuit(0),
    )
    return circuit.phase === 'open' ? circuit.until : null
  }
  t.deepEqual([waitAt(0), waitAt(1)], [firstMs * (1 - jitter), firstMs * (1 + jitter)])
  t.is(waitAt(1 / 7), Math.round(firstMs * (1 - jitter + (2 * jitter) / 7)), 'a moment has no fraction')
})

test('a circuit says why it opened, for end users', t => {
  const { words } = meanings.timeout
  t.like(openNow, { reason: `${silences} attempts in a row got no answer. ${words}` })
  t.like(after([...good(least * (1 - share)), ...bad(least * share)]), {
    reason: `${least * share} of the last ${least} attempts failed. ${meanings.server_error.words}`,
  })
  t.like(after(['denied'], halfOpen, firstMs, true), {
    reason: `A probe of the endpoint failed. ${meanings.denied.words}`,
  })
  t.like(halfOpen, {
    phase: 'half-open',
    since: firstMs,
    times: 1,
    successes: 0,
    closesAt: firstMs + unusedMs,
    reason: (openNow as { reason: string }).reason,
  })
})

test('a half-open circuit closes after enough probes; any other answer but a failure counts as one', t => {
  t.like(after(good(probes - 1), halfOpen, firstMs, true), { phase: 'half-open', successes: probes - 1 })
  t.deepEqual(after(good(probes), halfOpen, firstMs, true), closedCircuit(firstMs, 1))
  t.is(after(times(probes, 'throttled'), halfOpen, firstMs, true).phase, 'closed')
})

test('with little traffic it closes a while after a probe that succeeded, and with none after a longer while', t => {
  const probed = after(good(1), halfOpen, firstMs + 5, true)
  t.is(tick(probed, firstMs + 5 + afterSuccessMs - 1), probed)
  t.deepEqual(tick(probed, firstMs + 5 + afterSuccessMs), closedCircuit(firstMs + 5 + afterSuccessMs, 1))
  t.is(tick(halfOpen, firstMs + unusedMs - 1), halfOpen)
  t.deepEqual(tick(halfOpen, firstMs + unusedMs), closedCircuit(firstMs + unusedMs, 1))
  t.is(after(['timeout'], probed, firstMs + 6, true).phase, 'open')
  t.deepEqual([openNow, halfOpen, probed, closedCircuit(0)].map(changesAt), [
    firstMs,
    firstMs + unusedMs,
    firstMs + 5 + afterSuccessMs,
    null,
  ])
})

test('a test that succeeds counts as a probe, and lets the next one follow at once', t => {
  const tested = afterTest(openNow, 7)
  t.like(tested, { phase: 'half-open', since: 7, times: 1, successes: 1, closesAt: 7 + afterSuccessMs })
  t.is(after(good(probes - 1), tested, 8, true).phase, 'closed')
  t.like(afterTest(halfOpen, firstMs), { successes: 1, since: firstMs })
  t.deepEqual(afterTest(after(good(probes - 1), halfOpen, firstMs, true), firstMs + 1), closedCircuit(firstMs + 1, 1))
  const closed = closedCircuit(0)
  t.is(afterTest(closed, 1), closed)
})

test('a failed probe opens it again, and attempts from before it opened count for nothing', t => {
  for (const failure of ['timeout', 'server_error'] as const)
    t.like(after(['delivered', failure], halfOpen, firstMs, true), { phase: 'open', since: firstMs, times: 2 })
  t.is(after(times(9, 'timeout'), halfOpen, firstMs), halfOpen)
  t.is(after(good(9), halfOpen, firstMs), halfOpen)
  t.is(after(['own_fault'], halfOpen, firstMs, true), halfOpen)
  t.is(after(['timeout'], openNow, 1), openNow)
  t.is(after(good(9), openNow, 1, true), openNow)
})

test('a circuit that opens again soon after it closed waits longer than the first time', t => {
  const closed = after(good(probes), halfOpen, firstMs, true)
  const again = (afterMs: number) => after(times(silences, 'timeout'), closed, firstMs + afterMs)
  t.like(again(quietMs - 1), { phase: 'open', times: 2, until: firstMs + quietMs - 1 + 2 * firstMs })
  t.like(again(quietMs), { phase: 'open', times: 1, until: firstMs + quietMs + firstMs })
})

test('what is stored of a circuit is what a restart or a takeover begins with', t => {
  for (const circuit of [openNow, halfOpen, closedCircuit(7, 3)]) t.deepEqual(fromStored(toStored(circuit)), circuit)
  t.deepEqual(toStored(openNow), {
    phase: 'open',
    since: 0,
    until: firstMs,
    times: 1,
    reason: `${silences} attempts in a row got no answer. ${meanings.timeout.words}`,
  })
  t.deepEqual(toStored(closedCircuit(7, 3)), { phase: 'closed', since: 7, until: null, times: 3, reason: null })
  t.is(toStored(halfOpen).until, null)
})

test('a stored circuit without a moment or a reason is still read', t => {
  t.deepEqual(fromStored({ phase: 'open', since: 5, until: null, times: 1, reason: null }), {
    phase: 'open',
    since: 5,
    until: 5,
    times: 1,
    reason: '',
  })
  t.like(fromStored({ phase: 'half-open', since: 5, until: null, times: 1, reason: null }), { reason: '' })
})
