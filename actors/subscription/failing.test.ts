import test from 'ava'
import { type Meaning, meanings } from '../../src/domain/meaning.ts'
import type { OutcomeClass } from '../../src/domain/outcome.ts'
import { afterOutcome, type Consequence, type Failing, healthy } from './failing.ts'

const hour = 60 * 60_000

/** A failure each hour for so long; what was announced, with the hour. */
const failFor = (hours: number, from: Failing = healthy) => {
  const announced: [hour: number, consequence: Consequence][] = []
  let failing = from
  for (let at = 0; at <= hours; at += 1) {
    const step = afterOutcome(failing, 'server_error', at * hour)
    failing = step.failing
    if (step.consequence !== null) announced.push([at, step.consequence])
  }
  return { failing, announced }
}

test('a tenant is notified after 1 h, 24 h and 72 h of failure, and after 5 days the subscription is disabled', t => {
  t.deepEqual(failFor(120).announced, [
    [1, 'failing'],
    [24, 'failing'],
    [72, 'failing'],
    [120, 'disable_failing'],
  ])
})

test('only what the outcome table calls a failure begins a failing, or counts for it', t => {
  const [day, failing] = [24 * hour, { since: 0, notices: 0, gone: 0, stored: true }]
  const counted: string[] = []
  for (const [outcome, { circuit }] of Object.entries(meanings) as [OutcomeClass, Meaning][]) {
    if (outcome === 'delivered' || outcome === 'own_fault') continue
    const isFailure = circuit === 'failure' || circuit === 'silence'
    if (isFailure) counted.push(outcome)
    const [first, later] = [afterOutcome(healthy, outcome, 7), afterOutcome(failing, outcome, 5 * day)]
    t.is(first.failing.since, isFailure ? 7 : null, outcome)
    t.is(later.consequence, isFailure ? 'disable_failing' : null, outcome)
    if (!isFailure) t.deepEqual([first.store, later], [false, { failing, consequence: null, store: false }], outcome)
  }
  t.false(counted.some(outcome => ['rejected', 'throttled', 'unready'].includes(outcome)))
  t.true(counted.length > 10)
})

test('an answer that is no failure lies between two 410', t => {
  const once = afterOutcome(healthy, 'gone', 1).failing
  const between = afterOutcome(once, 'rejected', 2)
  t.deepEqual(between, { failing: { ...once, gone: 0 }, consequence: null, store: true })
  t.is(afterOutcome(between.failing, 'gone', 3).consequence, null)
})

test('one success ends it, and is announced if the trouble was', t => {
  t.deepEqual(afterOutcome(failFor(2).failing, 'delivered', 3 * hour), {
    failing: healthy,
    consequence: 'recovered',
    store: true,
  })
  t.is(afterOutcome(failFor(0).failing, 'delivered', 10).consequence, null)
})

test('a second 410 in a row disables at once', t => {
  const once = afterOutcome(healthy, 'gone', 0)
  t.is(once.consequence, null)
  t.true(once.store, 'a restart between the two forgets neither')
  t.is(afterOutcome(once.failing, 'gone', 1).consequence, 'disable_gone')
  const other = afterOutcome(once.failing, 'server_error', 1).failing
  t.is(afterOutcome(other, 'gone', 2).consequence, null)
})

test('a trouble is written once it has lasted a minute, and its end when it was written', t => {
  const first = afterOutcome(healthy, 'timeout', 0)
  t.false(first.store)
  t.false(afterOutcome(first.failing, 'delivered', 10).store)
  const later = afterOutcome(first.failing, 'timeout', 60_000)
  t.true(later.store)
  t.false(afterOutcome(later.failing, 'timeout', 61_000).store)
  t.true(afterOutcome(later.failing, 'delivered', 62_000).store)
})

test('what is known of a failure: since when, how many notices, how many 410 in a row, and whether that is stored', t => {
  const first = afterOutcome(healthy, 'gone', 5)
  t.deepEqual(first, { failing: { since: 5, notices: 0, gone: 1, stored: true }, consequence: null, store: true })
  t.deepEqual(afterOutcome(first.failing, 'server_error', 6), {
    failing: { since: 5, notices: 0, gone: 0, stored: true },
    consequence: null,
    store: true,
  })
  t.deepEqual(afterOutcome({ since: 0, notices: 0, gone: 0, stored: true }, 'timeout', hour), {
    failing: { since: 0, notices: 1, gone: 0, stored: true },
    consequence: 'failing',
    store: true,
  })
  t.deepEqual(afterOutcome({ since: 0, notices: 3, gone: 0, stored: true }, 'timeout', 2 * hour), {
    failing: { since: 0, notices: 3, gone: 0, stored: true },
    consequence: null,
    store: false,
  })
})

for (const [title, at, consequence] of [
  ['just before an hour', hour - 1, null],
  ['an hour', hour, 'failing'],
  ['just before a day', 24 * hour - 1, 'failing'],
  ['five days', 120 * hour, 'disable_failing'],
  ['just before five days', 120 * hour - 1, 'failing'],
] as const)
  test(`an endpoint that fails again after ${title}: ${consequence ?? 'no notice'}`, t => {
    const step = afterOutcome({ since: 0, notices: 0, gone: 0, stored: true }, 'timeout', at)
    t.is(step.consequence, consequence)
    t.is(step.failing.notices, [hour, 24 * hour, 72 * hour].filter(afterMs => at >= afterMs).length)
  })

test('the days before a notice are not announced twice, and a disabling by 410 goes before the other', t => {
  t.is(afterOutcome({ since: 0, notices: 2, gone: 0, stored: true }, 'timeout', 30 * hour).consequence, null)
  t.is(afterOutcome({ since: 0, notices: 3, gone: 1, stored: true }, 'gone', 120 * hour).consequence, 'disable_gone')
})

test('a healthy endpoint stays as it is with each success', t => {
  t.deepEqual(afterOutcome(healthy, 'delivered', 5), { failing: healthy, consequence: null, store: false })
  t.deepEqual(healthy, { since: null, notices: 0, gone: 0, stored: false })
})
