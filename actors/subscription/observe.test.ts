import test from 'ava'
import { documentedTable } from '../../test/support/documented-table.ts'
import { aDelivery, anAnswer, noAnswer, nothingStored } from '../../test/support/supervised-values.ts'
import { attempted, drive, effectsOf, offered, recorded } from '../../test/support/supervisor-driver.ts'
import type { SubscriptionHealth } from '../../src/domain/health.ts'
import { meanings } from '../../src/domain/meaning.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { closedCircuit, type HalfOpen, type Open } from './circuit.ts'
import { healthy } from './failing.ts'
import { limitAtStart, ramp } from './in-flight.ts'

const minute = 60_000
const longestPauseMs =
  minute *
  Number.parseInt(
    new Map(documentedTable('actors/README.md', 'Circuit').map(([rule, figure]) => [rule, figure])).get(
      'longest pause that a `Retry-After` causes',
    ) ?? '',
    10,
  )
const open: Open = { phase: 'open', since: 0, until: 31_000, times: 1, reason: 'It failed.' }
const half: HalfOpen = { phase: 'half-open', since: 0, times: 1, reason: 'It failed.', successes: 2, closesAt: 600_000 }
const health: SubscriptionHealth = {
  subscriptionId: 'sub_1',
  circuit: { phase: 'closed', since: 0, until: null, times: 0, reason: null },
  failingSince: null,
  notices: 0,
  gone: 0,
  updatedAt: 1_000,
}

/** A supervisor that has posted once; `answer` ends the attempt. */
const posting = (...args: Parameters<typeof drive>) => {
  const actor = drive(...args)
  const [post] = effectsOf(actor.tell(offered(1)), 'post')
  return {
    ...actor,
    answer: (outcome: Outcome, took?: { at?: number; tookMs?: number }) => actor.tell(attempted(post, outcome, took)),
  }
}

for (const [outcome, pauseMs] of [
  [anAnswer(429, 30_000), 30_000],
  [anAnswer(503, 30_000), 30_000],
  [anAnswer(429, longestPauseMs), longestPauseMs],
  [anAnswer(429, longestPauseMs + 1), longestPauseMs],
  [anAnswer(503, 6 * 60 * minute), longestPauseMs],
  [anAnswer(502, 30_000), 0],
  [anAnswer(200, 30_000), 0],
  [anAnswer(429), 0],
  [noAnswer('timeout'), 0],
] as const)
  test(`${outcome.type === 'answered' ? `${outcome.status}, Retry-After ${outcome.retryAfterMs ?? '–'} ms,` : outcome.error} pauses the subscription for ${pauseMs} ms`, t => {
    const actor = posting()
    actor.answer(outcome)
    t.is(actor.state().notBefore, pauseMs === 0 ? 0 : 1_000 + pauseMs)
    actor.at(1_000 + pauseMs - 1)
    t.is(actor.ask(offered(2), 'post').length, pauseMs === 0 ? 1 : 0)
    if (pauseMs === 0) return
    actor.at(1_000 + pauseMs)
    t.is(actor.ask({ type: 'woke' }, 'post').length + actor.ask(offered(3), 'post').length, 1)
  })

test('a shorter Retry-After, an answer without one and a failure do not shorten a pause', t => {
  for (const outcome of [anAnswer(429, 10), anAnswer(503, 10), anAnswer(200), noAnswer('timeout')]) {
    const actor = posting({}, { state: { notBefore: 0 } })
    const [other] = actor.ask(offered(2), 'post')
    actor.answer(anAnswer(503, 60_000))
    actor.tell(attempted(other, outcome))
    t.is(actor.state().notBefore, 61_000)
  }
})

test('after an outage the endpoint gets one attempt at a time, doubling up to half of the earlier limit', t => {
  const actor = drive({ maxInFlight: 100 }, { state: { circuit: half, limit: { ...limitAtStart, limit: 40 } } })
  const [post] = effectsOf(actor.pulled([aDelivery(1)]), 'post')
  t.true(post?.work.probe)
  actor.tell(attempted(post, anAnswer(200)))
  t.is(actor.state().circuit.phase, 'closed')
  t.like(actor.state().limit, { limit: 1, slowStartTo: 20 })
})

test('an attempt that does not close the circuit causes no ramp', t => {
  const closed = posting({}, { state: { limit: { ...limitAtStart, limit: 40 } } })
  closed.answer(anAnswer(200))
  t.like(closed.state().limit, { limit: 40 })
  const probing = drive({}, { state: { circuit: { ...half, successes: 0 }, limit: { ...limitAtStart, limit: 40 } } })
  const [probe] = effectsOf(probing.pulled([aDelivery(1)]), 'post')
  probing.tell(attempted(probe, anAnswer(200)))
  t.like(probing.state().limit, { limit: 40 })
})

test('with one event that waits, the probe that succeeds ends the failing, and the circuit closes a minute later', t => {
  const actor = drive({ maxInFlight: 100 }, { state: { limit: { ...limitAtStart, limit: 40 } } })
  // The circuit opens: with it, the ledger learns since when the endpoint fails.
  for (const event of [1, 2, 3, 4, 5]) {
    const [post] = effectsOf(actor.tell(offered(event)), 'post')
    actor.tell(recorded(actor.ask(attempted(post, noAnswer('connect')), 'record')[0]))
  }
  const opened = actor.state().circuit
  t.like(opened, { phase: 'open' })
  t.like(actor.state().failing, { since: 1_000, stored: true })
  actor.at(31_000)
  t.is(actor.ask({ type: 'backlogChanged' }, 'pull').length, 1)
  const [probe] = effectsOf(actor.pulled([aDelivery(1)]), 'post')
  actor.at(31_010)
  t.like(actor.ask(attempted(probe, anAnswer(200)), 'remember'), [
    { health: { circuit: { phase: 'half-open' }, failingSince: null }, transition: null },
  ])
  const closesAt = 31_010 + minute
  t.is(actor.state().wakeAt, closesAt)
  actor.at(closesAt - 1)
  t.deepEqual(actor.ask({ type: 'woke' }, 'remember'), [])
  actor.at(closesAt)
  t.like(actor.ask({ type: 'woke' }, 'remember'), [
    {
      health: { circuit: { phase: 'closed' }, failingSince: null },
      transition: { from: 'half-open', to: 'closed', reason: 'The endpoint answers again.' },
    },
  ])
  t.like(actor.state().limit, { limit: 1 })
})

test('a circuit that nothing is sent through closes after ten minutes, and says why', t => {
  const failing = { ...healthy, since: 500, stored: true }
  for (const status of ['active', 'paused'] as const) {
    const actor = drive({ status }, { state: { circuit: { ...half, successes: 0 }, failing } })
    actor.at(599_999)
    t.deepEqual(actor.ask({ type: 'woke' }, 'remember'), [])
    actor.at(600_000)
    const [closed] = actor.ask({ type: 'woke' }, 'remember')
    t.like(closed, { health: { circuit: { phase: 'closed' }, failingSince: 500 } })
    t.regex(closed?.transition?.reason ?? '', /nothing to send/)
  }
})

test('a half-open circuit does not close by time while a probe is under way, or about to be', t => {
  for (const [change, state] of [
    [{}, { inFlight: 1 }],
    [{}, { pulling: true }],
    [{}, { nextDueAt: 600_000 }],
  ] as const) {
    const actor = drive(change, { state: { circuit: half, ...state } })
    actor.at(600_000)
    actor.tell({ type: 'woke' })
    t.is(actor.state().circuit.phase, 'half-open', JSON.stringify(state))
    t.true((actor.state().wakeAt ?? Infinity) > 600_000, 'no timer in the past')
  }
  // Behind a pause nothing is about to be sent.
  const paused = drive({ status: 'paused' }, { state: { circuit: half, nextDueAt: 600_000 } })
  paused.at(600_000)
  paused.tell({ type: 'woke' })
  t.is(paused.state().circuit.phase, 'closed')
})

test('a test that succeeds ends the failing, is announced if the trouble was, and lets a probe through at once', t => {
  const failing = { ...healthy, since: 500, notices: 1, stored: true }
  const actor = drive({}, { nextDueAt: 1_000, state: { circuit: open, failing } })
  const effects = actor.tell({ type: 'tested' })
  t.like(effectsOf(effects, 'remember'), [
    {
      health: { circuit: { phase: 'half-open' }, failingSince: null, notices: 0 },
      transition: { from: 'open', to: 'half-open', reason: 'It failed.' },
    },
  ])
  t.like(effectsOf(effects, 'announce'), [{ announcement: { type: 'webhook.subscription.recovered' } }])
  t.is(effectsOf(effects, 'pull').length, 1)
  const well = drive()
  t.deepEqual(well.tell({ type: 'tested' }), [])
  const unstored = drive({}, { state: { failing: { ...healthy, since: 500 } } })
  t.deepEqual(unstored.tell({ type: 'tested' }), [])
  t.deepEqual(unstored.state().failing, healthy)
})

test('only a probe changes a half-open circuit', t => {
  const actor = drive({}, { state: { circuit: half } })
  actor.tell(
    attempted(
      {
        type: 'post',
        work: { delivery: aDelivery(1), stored: true, since: 0 },
        subscription: actor.state().subscription,
        number: 1,
        receiverHealthy: true,
      },
      noAnswer('timeout'),
    ),
  )
  t.is(actor.state().circuit, half)
})

test('the in-flight limit learns how long an answer took, when it began, and how many others were under way', t => {
  const cut = posting({ maxInFlight: 8 })
  cut.answer(noAnswer('timeout'), { at: 500, tookMs: 400 })
  t.like(cut.state().limit, { limit: 4, cutAt: 900 })
  const used = drive({ maxInFlight: 2 }, { state: { limit: { ...limitAtStart, limit: 1.5 } } })
  const [first] = used.ask(offered(1), 'post')
  used.tell(attempted(first, anAnswer(200)))
  t.is(used.state().limit.limit, 1.5, 'no other was under way')
  const full = drive({ maxInFlight: 8 }, { state: { limit: { ...limitAtStart, limit: 2 } } })
  const [one] = full.ask(offered(1), 'post')
  full.tell(offered(2))
  full.tell(attempted(one, anAnswer(200)))
  t.is(full.state().limit.limit, 3, 'another was under way')
})

test('a fault of our own changes nothing that is known about the endpoint', t => {
  const actor = posting()
  const { circuit, limit, notBefore, failing, troubledAt } = actor.state()
  const effects = actor.answer(noAnswer('own_fault'))
  t.deepEqual(
    effects.map(({ type }) => type),
    ['record'],
  )
  t.like(actor.state(), { circuit, limit, notBefore, failing, troubledAt })
})

test('what is known about the endpoint is stored when its circuit opens, with the trace of the attempt', t => {
  const actor = posting({}, { state: { circuit: { ...closedCircuit(0), silences: 4 } } })
  const message = actor.answer(noAnswer('timeout'))
  const reason = `5 attempts in a row got no answer. ${meanings.timeout.words}`
  t.deepEqual(effectsOf(message, 'remember'), [
    {
      type: 'remember',
      health: {
        ...health,
        circuit: { phase: 'open', since: 1_000, until: 31_000, times: 1, reason },
        failingSince: 1_000,
      },
      transition: { from: 'closed', to: 'open', reason },
      traceparent: '00---01',
    },
  ])
  t.is(message[0]?.type, 'remember', 'before the row')
})

test('it is stored when the circuit is half-open, and when it closes', t => {
  const actor = drive({}, { state: { circuit: open } })
  actor.at(30_999)
  t.deepEqual(actor.ask({ type: 'woke' }, 'remember'), [])
  actor.at(31_000)
  t.deepEqual(actor.ask({ type: 'woke' }, 'remember'), [
    {
      type: 'remember',
      health: {
        ...health,
        circuit: { phase: 'half-open', since: 31_000, until: null, times: 1, reason: 'It failed.' },
        updatedAt: 31_000,
      },
      transition: { from: 'open', to: 'half-open', reason: 'It failed.' },
      traceparent: null,
    },
  ])
  const closing = drive({}, { state: { circuit: half } })
  const [probe] = effectsOf(closing.pulled([aDelivery(1)]), 'post')
  t.like(closing.ask(attempted(probe, anAnswer(200)), 'remember')[0], {
    transition: { from: 'half-open', to: 'closed', reason: 'The endpoint answers again.' },
    health: { circuit: { phase: 'closed', reason: null } },
  })
})

test('an ordinary answer stores nothing; a failure of a minute is stored without a transition', t => {
  t.deepEqual(effectsOf(posting().answer(anAnswer(200)), 'remember'), [])
  t.deepEqual(effectsOf(posting().answer(anAnswer(500)), 'remember'), [])
  const actor = posting({}, { state: { failing: { ...healthy, since: 0 } } })
  actor.at(minute)
  t.like(effectsOf(actor.answer(anAnswer(500)), 'remember')[0], {
    health: { failingSince: 0, updatedAt: minute },
    transition: null,
  })
})

test('a new url, or a resumed subscription, starts with clean health, and that is stored', t => {
  const known = {
    circuit: open,
    notBefore: 99_000,
    troubledAt: 500,
    limit: { ...limitAtStart, limit: 40 },
    failing: { since: 500, notices: 1, gone: 1, stored: true },
  }
  for (const [before, change] of [
    [{}, { url: 'https://new.example/' }],
    [{ status: 'paused' }, { status: 'active' }],
    [{ status: 'disabled' }, { status: 'active' }],
  ] as const) {
    const actor = drive(before, { state: known })
    const effects = actor.configure(change)
    t.like(actor.state(), {
      circuit: closedCircuit(1_000),
      notBefore: 0,
      troubledAt: null,
      failing: healthy,
      limit: ramp(known.limit),
    })
    t.deepEqual(effectsOf(effects, 'remember'), [
      {
        type: 'remember',
        health: { ...health, circuit: { ...health.circuit, since: 1_000 } },
        transition: { from: 'open', to: 'closed', reason: 'The endpoint answers again.' },
        traceparent: null,
      },
    ])
  }
})

test('other changes keep what is known, and so does a pause', t => {
  for (const [before, change] of [
    [{}, { timeoutMs: 1_000 }],
    [{}, { status: 'paused' }],
    [{ status: 'paused' }, { status: 'disabled' }],
  ] as const) {
    const actor = drive(before, { state: { circuit: open } })
    t.deepEqual(effectsOf(actor.configure(change), 'remember'), [])
    t.is(actor.state().circuit, open)
  }
})

test('a new url keeps the in-flight limit while the circuit is closed', t => {
  const limit = { ...limitAtStart, limit: 40 }
  const actor = drive({}, { state: { limit } })
  actor.configure({ url: 'https://new.example/' })
  t.is(actor.state().limit, limit)
})

test('a supervisor begins with the stored health: its circuit, its failure, and a low limit after an outage', t => {
  const begin = (change: Partial<SubscriptionHealth>) =>
    drive({}, { stored: { ...nothingStored, health: { ...health, ...change } } }).state()
  t.like(begin({}), {
    circuit: closedCircuit(0),
    limit: limitAtStart,
    failing: { since: null, notices: 0, gone: 0, stored: true },
    troubledAt: null,
  })
  const stored = { phase: 'open', since: 5, until: 31_000, times: 2, reason: 'It failed.' } as const
  t.like(begin({ circuit: stored, failingSince: 3, notices: 2, gone: 1 }), {
    circuit: stored,
    limit: ramp(limitAtStart),
    failing: { since: 3, notices: 2, gone: 1, stored: true },
    troubledAt: 1_000,
  })
  t.is(begin({ failingSince: 3 }).troubledAt, 1_000)
  t.is(begin({ circuit: stored }).troubledAt, 1_000)
  t.like(drive().state(), { circuit: closedCircuit(0), limit: limitAtStart, failing: healthy, troubledAt: null })
})
