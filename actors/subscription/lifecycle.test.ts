import test from 'ava'
import { aDelivery, anAnswer, noAnswer } from '../../test/support/supervised-values.ts'
import { attempted, drive, effectsOf, offered, recorded } from '../../test/support/supervisor-driver.ts'
import { healthy } from './failing.ts'

const minute = 60_000

/** A supervisor with one attempt under way, and one new event and two rows of the ledger waiting. */
const busy = () => {
  const actor = drive({ maxInFlight: 1 })
  const [post] = actor.ask(offered('posted'), 'post')
  actor.pulled([aDelivery('old-1'), aDelivery('old-2')], { nextDueAt: 9_000 })
  actor.tell(offered('new'))
  return { ...actor, post }
}
for (const [end, phase] of [
  ['removed', 'removed'],
  ['drain', 'draining'],
] as const) {
  test(`after ${end} nothing is posted: not what waited, not what a pull or a visit brings, not what becomes due`, t => {
    const actor = busy()
    actor.tell({ type: end })
    t.like(actor.state(), { phase, fresh: [], backlog: [], nextDueAt: null })
    const later = [
      ...actor.pulled([aDelivery('late')]),
      ...actor.tell({ type: 'nextOfVisit', visitId: 'v1', row: aDelivery('turn'), active: false }),
      ...actor.tell({ type: 'backlogChanged' }),
      ...actor.tell({ type: 'caughtUp' }),
      ...actor.tell({ type: 'woke' }),
      ...actor.configure({ maxInFlight: 8 }),
      ...actor.tell(offered('later')),
    ]
    t.deepEqual([...effectsOf(later, 'post'), ...effectsOf(later, 'pull')], [])
    t.deepEqual(actor.state().backlog, [])
    const last = actor.tell(attempted(actor.post, anAnswer(200)))
    t.deepEqual(effectsOf(last, 'post'), [])
    t.like(effectsOf(last, 'record')[0], { row: { eventId: 'posted', status: 'delivered' } })
  })

  test(`after ${end} a supervisor stays until everything that is under way has ended`, t => {
    for (const [name, under] of [
      ['an attempt', { inFlight: 1 }],
      ['a row', { recording: 1 }],
      ['a held row', { holding: 1 }],
      ['a pull', { pulling: true }],
    ] as const) {
      const actor = drive({}, { state: under })
      actor.tell({ type: end })
      t.is(actor.state().phase, phase, name)
    }
    const idle = drive()
    idle.tell({ type: end })
    t.is(idle.state().phase, 'done')
  })

  test(`a pull that ends after ${end} ends the supervisor, and takes nothing`, t => {
    const actor = drive()
    actor.tell({ type: 'backlogChanged' })
    actor.tell({ type: end })
    t.is(actor.state().phase, phase)
    t.deepEqual(effectsOf(actor.pulled([aDelivery(1)]), 'post'), [])
    t.like(actor.state(), { phase: 'done', pulling: false, backlog: [] })
  })

  test(`the turn of a visit that is read after ${end} is not taken, although there is room to post it`, t => {
    const actor = drive({ ordering: 'visit', maxInFlight: 8 }, { state: { inFlight: 1 } })
    actor.tell({ type: end })
    t.deepEqual(actor.tell({ type: 'nextOfVisit', visitId: 'v1', row: aDelivery('turn'), active: false }), [])
    t.like(actor.state(), { phase, backlog: [], inHand: new Set() })
  })
}

test('a deleted subscription cancels its new events, and forgets its rows, which are cancelled in the ledger', t => {
  const actor = busy()
  const effects = actor.tell({ type: 'removed' })
  t.deepEqual(
    effects.map(
      effect =>
        effect.type === 'record' && [
          effect.row.eventId,
          effect.row.status,
          effect.row.reason,
          effect.row.updatedAt,
          effect.stored,
        ],
    ),
    [['new', 'cancelled', 'subscription_deleted', 1_000, false]],
  )
  t.is(actor.state().recording, 1)
  t.is(actor.state().inHand.size, 0)
  const [late] = actor.ask(offered('late'), 'record')
  t.like(late, {
    row: { eventId: 'late', status: 'cancelled', reason: 'subscription_deleted', updatedAt: 1_000 },
    stored: false,
  })
  t.is(actor.state().recording, 2)
})

for (const [outcome, status, reason] of [
  [anAnswer(200), 'delivered', undefined],
  [anAnswer(500), 'cancelled', 'subscription_deleted'],
  [noAnswer('own_fault'), 'cancelled', 'subscription_deleted'],
] as const)
  test(`an attempt of a deleted subscription that ends with ${outcome.type === 'answered' ? outcome.status : outcome.error} is ${status}`, t => {
    const actor = busy()
    actor.tell({ type: 'removed' })
    const [record] = actor.ask(attempted(actor.post, outcome), 'record')
    t.like(record, { row: { eventId: 'posted', status, nextAttemptAt: null }, stored: false })
    t.is(record?.row.reason, reason)
  })

test('a process that ends hands back its new events, and leaves the rows of the ledger to the next owner', t => {
  const actor = busy()
  t.deepEqual(actor.tell({ type: 'drain' }), [{ type: 'handBack', deliveryId: 'new.sub_1' }])
  t.deepEqual(actor.tell(offered('late')), [{ type: 'handBack', deliveryId: 'late.sub_1' }])
  t.is(actor.state().phase, 'draining')
})

test('an attempt that the end of the process cut off is not written: a new event is handed back, a row is still due', t => {
  const actor = busy()
  actor.tell({ type: 'drain' })
  t.deepEqual(actor.tell(attempted(actor.post, noAnswer('own_fault'))), [
    { type: 'handBack', deliveryId: 'posted.sub_1' },
  ])
  t.like(actor.state(), { phase: 'done', inFlight: 0, recording: 0 })
  const stored = drive()
  const [post] = effectsOf(stored.pulled([aDelivery(1)]), 'post')
  stored.tell({ type: 'drain' })
  t.deepEqual(stored.tell(attempted(post, noAnswer('own_fault'))), [])
  t.like(stored.state(), { phase: 'done', inFlight: 0 })
  t.is(stored.state().inHand.size, 0)
})

test('an attempt that ends with an answer during the drain is written, whatever the answer', t => {
  const actor = busy()
  actor.tell({ type: 'drain' })
  const [record] = actor.ask(attempted(actor.post, anAnswer(500)), 'record')
  t.like(record, { row: { status: 'pending' }, stored: false })
  t.is(actor.state().phase, 'draining')
  actor.tell(recorded(record))
  t.is(actor.state().phase, 'done')
})

test('while the process runs, a fault of our own is written as a row that is due soon', t => {
  const actor = drive()
  const [post] = actor.ask(offered(1), 'post')
  const effects = actor.tell(attempted(post, noAnswer('own_fault')))
  t.deepEqual(effectsOf(effects, 'handBack'), [])
  t.like(effectsOf(effects, 'record')[0], { row: { status: 'pending', reason: 'own_fault' } })
})

const halfOpen = { phase: 'half-open', since: 0, times: 1, reason: '', successes: 1, closesAt: 60_000 } as const

for (const [title, change, start, phase] of [
  ['nothing to do', {}, {}, 'done'],
  ['a row that is due within a minute', {}, { nextDueAt: 1_000 + minute - 1 }, 'running'],
  ['a row that is due in a minute', {}, { nextDueAt: 1_000 + minute }, 'done'],
  ['a due row, but paused', { status: 'paused' }, { nextDueAt: 1_000 }, 'done'],
  ['a circuit that is not closed yet', {}, { state: { circuit: halfOpen } }, 'running'],
  ['an attempt under way', {}, { state: { inFlight: 1 } }, 'running'],
  ['a row being written', {}, { state: { recording: 1 } }, 'running'],
  ['a held row being written', {}, { state: { holding: 1 } }, 'running'],
  ['a pull under way', {}, { state: { pulling: true } }, 'running'],
  [
    'a new event waiting',
    {},
    { state: { notBefore: 1_100, fresh: [{ delivery: aDelivery(1), stored: false, since: 1_000 }] } },
    'running',
  ],
  [
    'a row waiting',
    {},
    { state: { notBefore: 1_100, backlog: [{ delivery: aDelivery(1), stored: true, since: 1_000 }] } },
    'running',
  ],
] as const)
  test(`an idle supervisor with ${title} ${phase === 'done' ? 'leaves' : 'stays in'} memory`, t => {
    const actor = drive(change, start)
    actor.tell({ type: 'idled' })
    t.is(actor.state().phase, phase)
  })

test('a supervisor that leaves memory stores a failure that is not stored yet', t => {
  const leave = (failing = healthy) => drive({}, { state: { failing } }).ask({ type: 'idled' }, 'remember')
  t.like(leave({ ...healthy, since: 500 })[0], {
    health: { failingSince: 500, updatedAt: 1_000 },
    transition: null,
    traceparent: null,
  })
  t.deepEqual(leave(), [])
  t.deepEqual(leave({ ...healthy, since: 500, stored: true }), [])
})

test('a change of settings pulls what is due, since its rows may be allowed now', t => {
  const actor = drive({ status: 'paused' })
  t.is(effectsOf(actor.configure({ status: 'active' }), 'pull').length, 1)
  const busyOne = drive({}, { state: { nextDueAt: 500, inFlight: 2 } })
  busyOne.configure({ timeoutMs: 1_000 })
  t.is(busyOne.state().nextDueAt, 500)
})
