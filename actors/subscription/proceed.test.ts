import test from 'ava'
import { aDelivery, anAnswer, noAnswer } from '../../test/support/supervised-values.ts'
import { attempted, drive, effectsOf, offered, recorded } from '../../test/support/supervisor-driver.ts'
import type { SubscriptionEffect } from './protocol.ts'
import { freshLimit, patienceMs, pullLimit, room } from './queues.ts'
import { limitAtStart } from './in-flight.ts'

const half = { phase: 'half-open', since: 0, times: 1, reason: '', successes: 0, closesAt: 600_000 } as const
const open = { phase: 'open', since: 0, until: 5_000, times: 1, reason: '' } as const
const rows = (...events: (string | number)[]) => events.map(event => aDelivery(event))
const posted = (effects: readonly SubscriptionEffect[]) =>
  effectsOf(effects, 'post').map(({ work }) => work.delivery.eventId)
const wakes = (effects: readonly SubscriptionEffect[]) => effectsOf(effects, 'wakeAt').map(({ at }) => at)
const held = (effects: readonly SubscriptionEffect[]) =>
  effectsOf(effects, 'record').map(({ row: { eventId, status, reason, nextAttemptAt }, stored }) => ({
    eventId,
    status,
    reason,
    nextAttemptAt,
    stored,
  }))

test('a post has all that its attempt needs', t => {
  const actor = drive({ maxInFlight: 1 }, { state: { troubledAt: 900 } })
  t.deepEqual(actor.tell(offered(1)), [
    {
      type: 'post',
      work: { delivery: aDelivery(1), stored: false, since: 1_000 },
      subscription: actor.state().subscription,
      number: 1,
      receiverHealthy: false,
    },
  ])
})

for (const [title, change, reason] of [
  ['paused', { status: 'paused' }, 'paused'],
  ['disabled', { status: 'disabled' }, 'disabled'],
] as const)
  test(`a new event of a ${title} subscription becomes a held row at once`, t => {
    const actor = drive(change)
    t.deepEqual(held(actor.tell(offered(1))), [
      { eventId: '1', status: 'held', reason, nextAttemptAt: 1_000, stored: false },
    ])
    t.like(actor.state(), { fresh: [], holding: 1, recording: 0, nextDueAt: null })
  })

test('an event that is held behind a shut gate has the reason of the gate, also while slots are scarce', t => {
  const actor = drive({ status: 'paused' }, { state: { congested: true } })
  t.is(held(actor.tell(offered(1)))[0]?.reason, 'paused')
})

test('whether the receiver was healthy is asked for the moment of the event, not of its attempt', t => {
  const actor = drive({}, { state: { troubledAt: 500 } })
  actor.at(100_000)
  t.false(actor.ask(offered('old', { createdAt: 1_000 }), 'post')[0]?.receiverHealthy)
  t.true(actor.ask(offered('new', { createdAt: 90_000 }), 'post')[0]?.receiverHealthy)
})

test('behind an open circuit and a Retry-After nothing waits in memory, unless it ends within the patience', t => {
  const circuit = drive({}, { state: { circuit: open } })
  t.like(held(circuit.tell(offered(1)))[0], { reason: 'circuit_open' })
  for (const [notBefore, reason] of [
    [1_000 + patienceMs, undefined],
    [1_000 + patienceMs + 1, 'retry_after'],
  ] as const) {
    const actor = drive({}, { state: { notBefore } })
    t.is(held(actor.tell(offered(1)))[0]?.reason, reason)
  }
})

test('at a pause new events become held rows, and pulled rows are released to be pulled again', t => {
  const actor = drive({ maxInFlight: 1 })
  actor.pulled(rows('busy', 'old'))
  actor.tell(offered('new'))
  t.deepEqual(held(actor.configure({ status: 'paused' })), [
    { eventId: 'new', status: 'held', reason: 'paused', nextAttemptAt: 1_000, stored: false },
  ])
  t.like(actor.state(), { fresh: [], backlog: [], nextDueAt: 1_000, holding: 1 })
  t.deepEqual([...actor.state().inHand], ['busy.sub_1'])
  t.is(effectsOf(actor.configure({ status: 'active' }), 'pull').length, 0, 'its slot is busy')
})

test('a new event waits 200 ms for a slot; then it and all later ones go to the ledger, until there is room', t => {
  t.is(patienceMs, 200)
  const actor = drive({ maxInFlight: 1 })
  const [busy] = actor.ask(offered('busy'), 'post')
  t.deepEqual(wakes(actor.tell(offered('a'))), [1_200])
  actor.at(1_100)
  t.deepEqual(wakes(actor.tell(offered('b'))), [], 'the timer is set')
  actor.at(1_199)
  t.deepEqual(held(actor.tell({ type: 'woke' })), [])
  actor.at(1_200)
  const effects = actor.tell({ type: 'woke' })
  t.deepEqual(held(effects), [
    { eventId: 'a', status: 'held', reason: 'over_capacity', nextAttemptAt: 1_200, stored: false },
  ])
  t.deepEqual(wakes(effects), [1_300])
  t.like(held(actor.tell(offered('c')))[0], { eventId: 'c', reason: 'over_capacity' })
  const next = actor.tell(attempted(busy, anAnswer(200)))
  t.deepEqual(posted(next), ['b'])
  t.true(actor.state().congested, 'the slot is taken again')
  actor.tell(recorded(effectsOf(next, 'record')[0]))
  actor.tell(attempted(effectsOf(next, 'post')[0], anAnswer(200)))
  t.false(actor.state().congested)
  t.deepEqual(posted(actor.tell(offered('d'))), ['d'])
})

test('a new event waits for a token likewise, and its row says so', t => {
  const actor = drive({ maxInFlight: 8, ratePerSecond: 2 })
  t.deepEqual(posted(actor.tell(offered(1))), ['1'])
  t.deepEqual(wakes(actor.tell(offered(2))), [1_200])
  actor.at(1_200)
  t.like(held(actor.tell({ type: 'woke' }))[0], { eventId: '2', reason: 'rate_limited' })
  t.like(held(actor.tell(offered(3)))[0], { eventId: '3', reason: 'rate_limited' })
  t.true(actor.state().congested)
  actor.at(1_500)
  actor.tell({ type: 'woke' })
  t.false(actor.state().congested)
})

test('a row from the ledger waits for its token, and is posted when it comes', t => {
  const actor = drive({ maxInFlight: 8, ratePerSecond: 2 })
  const effects = actor.pulled(rows('a', 'b'))
  t.deepEqual([posted(effects), wakes(effects)], [['a'], [1_500]])
  actor.at(1_500)
  t.deepEqual(posted(actor.tell({ type: 'woke' })), ['b'])
})

test('not more than half of a partition’s window waits in memory', t => {
  t.is(freshLimit, 256)
  const actor = drive({ maxInFlight: 1 })
  for (let event = 0; event <= freshLimit; event += 1) t.deepEqual(held(actor.tell(offered(event))), [])
  t.is(actor.state().fresh.length, freshLimit)
  t.like(held(actor.tell(offered('more')))[0], { eventId: 'more', reason: 'over_capacity' })
  t.is(actor.state().fresh.length, freshLimit)
})

test('at most twice as many deliveries as slots are posted or not recorded, and never fewer than two', t => {
  const actor = drive({ maxInFlight: 8 }, { state: { recording: 15 } })
  t.deepEqual([posted(actor.tell(offered(1))), posted(actor.tell(offered(2)))], [['1'], []])
  const single = drive({ maxInFlight: 1 }, { state: { recording: 1 } })
  t.deepEqual(posted(single.tell(offered(1))), ['1'])
  t.deepEqual(posted(drive({ maxInFlight: 1 }, { state: { recording: 2 } }).tell(offered(1))), [])
})

test('a half-open circuit lets one probe through at a time, and it is the row of the ledger that has been due longest', t => {
  const actor = drive({ maxInFlight: 8 }, { state: { circuit: half, recording: 0 } })
  t.is(room(actor.state()), 1)
  const busy = drive({ maxInFlight: 8 }, { state: { circuit: half, inFlight: 1 } })
  busy.tell(offered('new'))
  busy.pulled(rows('old-1', 'old-2'))
  t.deepEqual(posted(busy.tell({ type: 'woke' })), [])
  const [post, ...others] = effectsOf(
    busy.tell({
      type: 'attempted',
      work: { delivery: aDelivery('before'), stored: false, since: 0 },
      outcome: anAnswer(200),
      attempt: { number: 1, at: 0, tookMs: 1, url: '', traceId: '', spanId: '' },
    }),
    'post',
  )
  t.deepEqual(others, [])
  t.like(post, { work: { probe: true, stored: true, delivery: { eventId: 'old-1' } } })
  t.like(actor.ask(offered('only'), 'post')[0], { work: { probe: true, stored: false } })
  t.is(drive().ask(offered(1), 'post')[0]?.work.probe, undefined)
})

test('a new event does not become the probe while older rows are about to be read', t => {
  for (const state of [{ pulling: true }, { nextDueAt: 900, inHand: new Set(['a', 'b', 'c', 'd']) }]) {
    const actor = drive({}, { state: { circuit: half, ...state } })
    t.is(actor.ask(offered('new'), 'post').length, 0)
  }
  t.is(drive({}, { state: { circuit: half } }).ask(offered('new'), 'post').length, 1, 'nothing else waits')
})

test('a pull brings what the slots need until the next, 200 rows at most, and the rows in hand beside them', t => {
  const limitOf = (maxInFlight: number, limit: number) =>
    pullLimit(drive({ maxInFlight }, { state: { limit: { ...limitAtStart, limit } } }).state())
  t.deepEqual([limitOf(4, 16), limitOf(500, 60), limitOf(500, 101)], [8, 120, 200])
  const actor = drive({ maxInFlight: 4 })
  t.deepEqual(actor.ask({ type: 'backlogChanged' }, 'pull'), [{ type: 'pull', limit: 8 }])
  actor.pulled(rows(1, 2))
  t.deepEqual(actor.ask({ type: 'backlogChanged' }, 'pull'), [{ type: 'pull', limit: 10 }])
})

for (const [title, change, start] of [
  [
    'rows of the last pull wait for a token',
    { ratePerSecond: 2 },
    { state: { bucket: { tokens: 0, at: 1_000 }, backlog: [{ delivery: aDelivery(1), stored: true, since: 0 }] } },
  ],
  ['another is under way', {}, { state: { pulling: true } }],
  ['no slot is free', {}, { state: { inFlight: 2 } }],
  ['too many rows are in hand', {}, { state: { inHand: new Set(['1', '2', '3', '4', '5', '6', '7', '8']) } }],
  ['nothing is due yet', {}, { state: { nextDueAt: 1_001 } }],
  ['it is paused', { status: 'paused' }, {}],
  ['its circuit is open', {}, { state: { circuit: open } }],
  ['it was removed', {}, { state: { phase: 'removed', inFlight: 1 } }],
  ['the process ends', {}, { state: { phase: 'draining', inFlight: 1 } }],
] as const)
  test(`the ledger is not asked for due rows while ${title}`, t => {
    const actor = drive(change, { nextDueAt: 1_000, ...start })
    t.deepEqual(actor.ask({ type: 'woke' }, 'pull'), [])
  })

test('the ledger is asked when a row is due, once, and again while it has more', t => {
  const actor = drive(
    { maxInFlight: 2 },
    { nextDueAt: 1_000, state: { inHand: new Set(['1', '2', '3', '4', '5', '6', '7']) } },
  )
  t.is(actor.ask({ type: 'woke' }, 'pull').length, 1)
  t.like(actor.state(), { pulling: true, nextDueAt: null })
  t.is(actor.ask({ type: 'woke' }, 'pull').length, 0)
  const again = drive({ maxInFlight: 2 })
  again.tell({ type: 'backlogChanged' })
  again.pulled(rows(1, 2), { asked: 2 })
  t.is(again.state().nextDueAt, 1_000, 'as many rows as it asked for: there may be more')
  const later = drive({ maxInFlight: 2 })
  later.tell({ type: 'backlogChanged' })
  t.deepEqual(wakes(later.pulled(rows(1), { asked: 2, nextDueAt: 9_000 })), [9_000])
})

test('a delivery from the ledger is posted as such, and one without a row as new', t => {
  const actor = drive()
  const work = { delivery: aDelivery('old'), stored: true, since: 1_000 }
  t.deepEqual(effectsOf(actor.pulled(rows('old')), 'post')[0]?.work, work)
  t.deepEqual(actor.ask(offered('new'), 'post')[0]?.work, { delivery: aDelivery('new'), stored: false, since: 1_000 })
})

test('while new events still wait, later ones go to the ledger, though a slot is free', t => {
  const fresh = [{ delivery: aDelivery('a'), stored: false, since: 1_000 }]
  const actor = drive({ maxInFlight: 2 }, { state: { congested: true, recording: 4, fresh } })
  actor.tell({ type: 'woke' })
  t.true(actor.state().congested)
})

test('a written row does not postpone an earlier due time', t => {
  const actor = drive({}, { state: { nextDueAt: 2_000, recording: 1 } })
  actor.tell({ type: 'recorded', row: aDelivery(1, { nextAttemptAt: 9_000 }), stored: true, leftOrder: false })
  t.is(actor.state().nextDueAt, 2_000)
})

test('a pull forgets no earlier due time', t => {
  const actor = drive({ maxInFlight: 2 }, { state: { pulling: true, nextDueAt: 5_000 } })
  actor.pulled([], { nextDueAt: 9_000 })
  t.is(actor.state().nextDueAt, 5_000)
  const none = drive({ maxInFlight: 2 }, { state: { pulling: true, nextDueAt: 5_000 } })
  none.pulled([])
  t.is(none.state().nextDueAt, 5_000)
})

test('the timer is set to the first moment that needs one', t => {
  const wakeAfter = (...args: Parameters<typeof drive>) => wakes(drive(...args).tell({ type: 'woke' }))[0]
  t.is(wakeAfter({}, { nextDueAt: 9_000 }), 9_000)
  t.is(wakeAfter({}, { nextDueAt: 9_000, state: { inFlight: 2 } }), 9_000)
  t.is(wakeAfter({}, { nextDueAt: 500, state: { inFlight: 2 } }), undefined, 'a message will bring the slot')
  t.is(wakeAfter({}, { nextDueAt: 500, state: { circuit: open } }), 5_000)
  t.is(wakeAfter({}, { nextDueAt: 3_000, state: { circuit: open } }), 3_000)
  t.is(wakeAfter({}, { state: { circuit: open } }), 5_000, 'a circuit changes with time, also when nothing waits')
  t.is(wakeAfter({}, { state: { circuit: half } }), 600_000)
  t.is(wakeAfter({ status: 'paused' }, { nextDueAt: 500 }), undefined, 'the customer will resume it')
  t.is(wakeAfter({}, { nextDueAt: 500, state: { circuit: open, phase: 'removed', inFlight: 1 } }), undefined)
  const turn = { visits: new Map(), complete: true, idle: ['v1'], loading: false, caughtUp: true }
  t.is(wakeAfter({}, { state: { circuit: open, order: turn } }), 5_000, 'a turn waits')
  const fresh = [{ delivery: aDelivery(1), stored: false, since: 950 }]
  t.is(wakeAfter({}, { state: { notBefore: 1_100, fresh } }), 1_100)
  t.is(wakeAfter({}, { state: { notBefore: 1_199, fresh } }), 1_150)
})

test('the timer is not set again to the same moment, and after it went off it is', t => {
  const actor = drive({}, { nextDueAt: 9_000 })
  t.deepEqual(wakes(actor.tell({ type: 'caughtUp' })), [9_000])
  t.deepEqual(wakes(actor.tell({ type: 'caughtUp' })), [])
  t.deepEqual(wakes(actor.tell({ type: 'woke' })), [9_000])
})

test('a row that was written is pulled when it is due; a final one is not', t => {
  const actor = drive({ retry: { delaysMs: [600_000] } })
  const [post] = actor.ask(offered(1), 'post')
  const [pending] = actor.ask(attempted(post, noAnswer('reset')), 'record')
  actor.tell(recorded(pending))
  t.is(actor.state().nextDueAt, 601_000)
  const final = drive()
  const [other] = final.ask(offered(1), 'post')
  const [done] = final.ask(attempted(other, anAnswer(200)), 'record')
  final.tell(recorded(done))
  t.is(final.state().nextDueAt, null)
})

test('what was written during a pull is known to be out of date in that pull alone', t => {
  const actor = drive({ maxInFlight: 4 })
  const [post] = effectsOf(actor.pulled(rows(1)), 'post')
  actor.tell({ type: 'backlogChanged' })
  const [pending] = actor.ask(attempted(post, anAnswer(500)), 'record')
  actor.tell(recorded(pending))
  t.deepEqual([...actor.state().outdated], ['1.sub_1'])
  t.deepEqual(posted(actor.pulled(rows(1, 2))), ['2'])
  t.deepEqual([...actor.state().outdated], [])
  t.deepEqual(posted(actor.pulled(rows(1))), ['1'])
  const quiet = drive()
  const [other] = effectsOf(quiet.pulled(rows(1)), 'post')
  quiet.tell(recorded(quiet.ask(attempted(other, anAnswer(500)), 'record')[0]))
  t.is(quiet.state().outdated.size, 0, 'no pull is under way')
})
