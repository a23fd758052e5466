import test from 'ava'
import { aDelivery, anAnswer, nothingStored } from '../../test/support/supervised-values.ts'
import { attempted, drive, effectsOf, offered, recorded } from '../../test/support/supervisor-driver.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { SubscriptionEffect } from './protocol.ts'

const ordered = (event: string, change: Partial<Delivery> = {}) =>
  aDelivery(event, { visitId: 'v1', ordered: true, ...change })
const waiting = (event: string, change: Partial<Delivery> = {}) =>
  ordered(event, { status: 'held', reason: 'waiting_turn', nextAttemptAt: null, ...change })
const offer = (event: string, visitId = 'v1') => offered(event, { visitId, ordered: true })
const reads = (effects: readonly SubscriptionEffect[]) =>
  effectsOf(effects, 'readNextOfVisit').map(({ visitId }) => visitId)
const postedIn = (effects: readonly SubscriptionEffect[]) =>
  effectsOf(effects, 'post').map(({ work }) => work.delivery.eventId)

/** A supervisor that begins with these visits in the ledger, and knows that the stream has nothing earlier. */
const begin = (
  visits: readonly { visitId: string; open: number; active: boolean }[] = [],
  { complete = true, caughtUp = true, maxInFlight = 8 } = {},
) => {
  const actor = drive(
    { ordering: 'visit', maxInFlight },
    { stored: { ...nothingStored, visits: { visits, complete } } },
  )
  return { ...actor, first: caughtUp ? actor.tell({ type: 'caughtUp' }) : [] }
}

test('a later event of a visit waits in the ledger without a due time; events of other visits do not wait', t => {
  const actor = begin()
  t.deepEqual(postedIn(actor.tell(offer('in'))), ['in'])
  const effects = actor.tell(offer('out'))
  t.like(effectsOf(effects, 'record')[0], {
    row: { eventId: 'out', status: 'held', reason: 'waiting_turn', nextAttemptAt: null },
    stored: false,
  })
  t.deepEqual(postedIn(effects), [])
  t.deepEqual(postedIn(actor.tell(offer('other', 'v2'))), ['other'])
  t.deepEqual(postedIn(actor.tell(offered('unordered', { visitId: 'v1' }))), ['unordered'])
})

for (const [how, answer, retry] of [
  ['delivered', anAnswer(200), undefined],
  ['dead', anAnswer(500), { delaysMs: [] }],
] as const)
  test(`once an event is ${how}, the next of its visit is read and posted`, t => {
    const actor = begin()
    if (retry !== undefined) actor.configure({ retry })
    const [post] = effectsOf(actor.tell(offer('in')), 'post')
    const [held] = effectsOf(actor.tell(offer('out')), 'record')
    t.deepEqual(reads(actor.tell(recorded(held))), [], 'an earlier one is under way')
    const [done] = effectsOf(actor.tell(attempted(post, answer)), 'record')
    t.is(done?.row.status, how)
    t.deepEqual(reads(actor.tell(recorded(done))), ['v1'])
    const next = actor.tell({ type: 'nextOfVisit', visitId: 'v1', row: held?.row ?? null, active: false })
    t.like(effectsOf(next, 'post')[0], { work: { delivery: { eventId: 'out' }, stored: true }, number: 1 })
    const [last] = effectsOf(actor.tell(attempted(effectsOf(next, 'post')[0], anAnswer(200))), 'record')
    t.deepEqual(reads(actor.tell(recorded(last))), [])
    t.is(actor.state().order.visits.size, 0, 'a visit without open events is forgotten')
  })

test('an event that will be tried again keeps the later ones of its visit waiting', t => {
  const actor = begin()
  const [post] = effectsOf(actor.tell(offer('in')), 'post')
  const [held] = effectsOf(actor.tell(offer('out')), 'record')
  actor.tell(recorded(held))
  const [pending] = effectsOf(actor.tell(attempted(post, anAnswer(500))), 'record')
  t.deepEqual(reads(actor.tell(recorded(pending))), [])
})

test('the next of a visit is read only when its row is written', t => {
  const actor = begin()
  const [post] = effectsOf(actor.tell(offer('in')), 'post')
  const helds = ['out', 'back'].flatMap(event => effectsOf(actor.tell(offer(event)), 'record'))
  const [done] = effectsOf(actor.tell(attempted(post, anAnswer(200))), 'record')
  t.deepEqual(reads(actor.tell(recorded(done))), [])
  t.deepEqual(reads(actor.tell(recorded(helds[0]))), [])
  t.deepEqual(reads(actor.tell(recorded(helds[1]))), ['v1'])
})

test('after a takeover no waiting event is read before the stream has caught up, and then each visit without an active one', t => {
  const visits = [
    { visitId: 'v1', open: 2, active: false },
    { visitId: 'v2', open: 2, active: true },
    { visitId: 'v3', open: 1, active: false },
  ]
  const actor = begin(visits, { caughtUp: false })
  t.deepEqual(reads(actor.tell({ type: 'woke' })), [])
  t.deepEqual(reads(actor.tell({ type: 'caughtUp' })), ['v1', 'v3'])
  t.deepEqual(reads(actor.tell({ type: 'woke' })), [], 'once')
})

test('not more visits are read at once than there is room for, and the others follow', t => {
  const visits = Array.from({ length: 5 }, (_, index) => ({ visitId: `v${index}`, open: 1, active: false }))
  const actor = begin(visits, { maxInFlight: 1 })
  t.deepEqual(reads(actor.first), ['v0', 'v1'])
  t.deepEqual(reads(actor.tell({ type: 'nextOfVisit', visitId: 'v0', row: null, active: false })), ['v2', 'v3'])
  const full = begin(visits, { maxInFlight: 1, caughtUp: false })
  full.pulled([aDelivery(1), aDelivery(2), aDelivery(3)])
  t.deepEqual(reads(full.tell({ type: 'caughtUp' })), [], 'two rows wait already')
})

test('while the gate is shut no next event is read, and when it opens it is', t => {
  const actor = begin([{ visitId: 'v1', open: 1, active: false }], { caughtUp: false })
  actor.configure({ status: 'paused' })
  t.deepEqual(reads(actor.tell({ type: 'caughtUp' })), [])
  t.deepEqual(reads(actor.configure({ status: 'active' })), ['v1'])
})

test('a turn in hand at a pause is put back, and read again when the subscription is resumed', t => {
  const actor = begin([{ visitId: 'v1', open: 2, active: false }], { maxInFlight: 1 })
  actor.tell(offered('busy'))
  const effects = actor.tell({ type: 'nextOfVisit', visitId: 'v1', row: waiting('in'), active: false })
  t.deepEqual(postedIn(effects), [], 'it waits for the slot')
  actor.configure({ status: 'paused' })
  t.deepEqual([actor.state().backlog, [...actor.state().inHand]], [[], []])
  t.deepEqual(reads(actor.configure({ status: 'active' })), ['v1'])
})

test('a due row in hand at a pause is not read as the next of its visit: a pull finds it', t => {
  const actor = begin([{ visitId: 'v1', open: 2, active: true }], { maxInFlight: 1 })
  actor.tell(offered('busy'))
  actor.pulled([ordered('in')])
  actor.configure({ status: 'paused' })
  t.deepEqual(reads(actor.configure({ status: 'active' })), [])
  t.is(actor.state().order.visits.get('v1')?.active, 'stored')
})

test('an answer that a visit has a due row, or none, is not posted', t => {
  const due = begin([{ visitId: 'v1', open: 2, active: false }])
  t.deepEqual(postedIn(due.tell({ type: 'nextOfVisit', visitId: 'v1', row: null, active: true })), [])
  t.deepEqual(postedIn(due.tell(offer('later'))), [], 'the visit still has an earlier event')
  const none = begin([{ visitId: 'v1', open: 2, active: false }])
  none.tell({ type: 'nextOfVisit', visitId: 'v1', row: null, active: false })
  t.deepEqual(postedIn(none.tell(offer('later'))), ['later'])
})

test('a visit that has nothing in the ledger, but an event that is being written, is read again when that is stored', t => {
  const actor = begin([{ visitId: 'v1', open: 1, active: false }])
  const [held] = effectsOf(actor.tell(offer('later')), 'record')
  t.deepEqual(reads(actor.tell({ type: 'nextOfVisit', visitId: 'v1', row: null, active: false })), [])
  const effects = actor.tell(offer('last'))
  t.deepEqual(postedIn(effects), [], 'the one that is being written comes first')
  actor.tell(recorded(effectsOf(effects, 'record')[0]))
  t.deepEqual(reads(actor.tell(recorded(held))), ['v1'])
})

test('an event that is stored while its visit is read is found by another reading, and no later one goes ahead', t => {
  const actor = begin([{ visitId: 'v1', open: 1, active: false }])
  t.deepEqual(reads(actor.first), ['v1'])
  const [held] = effectsOf(actor.tell(offer('in')), 'record')
  t.deepEqual(reads(actor.tell(recorded(held))), [], 'one reading at a time')
  t.deepEqual(reads(actor.tell({ type: 'nextOfVisit', visitId: 'v1', row: null, active: false })), ['v1'])
  t.deepEqual(postedIn(actor.tell(offer('out'))), [])
  t.deepEqual(postedIn(actor.tell({ type: 'nextOfVisit', visitId: 'v1', row: waiting('in'), active: false })), ['in'])
})

test('a reading that ends while its visit has an event in hand allows another one', t => {
  const actor = begin([{ visitId: 'v1', open: 2, active: false }])
  const [post] = effectsOf(actor.pulled([ordered('in')]), 'post')
  t.deepEqual(postedIn(actor.tell({ type: 'nextOfVisit', visitId: 'v1', row: waiting('out'), active: false })), [])
  const [done] = effectsOf(actor.tell(attempted(post, anAnswer(200))), 'record')
  t.deepEqual(reads(actor.tell(recorded(done))), ['v1'])
})

test('a visit is read once, although an event of it is stored while it waits to be read', t => {
  const actor = begin([{ visitId: 'v1', open: 1, active: false }], { caughtUp: false })
  actor.tell(recorded(effectsOf(actor.tell(offer('later')), 'record')[0]))
  t.deepEqual(reads(actor.tell({ type: 'caughtUp' })), ['v1'])
})

test('an open event of a visit that was forgotten keeps later ones waiting', t => {
  for (const found of [
    { row: waiting('in'), active: false },
    { row: null, active: true },
  ]) {
    const actor = begin()
    actor.tell({ type: 'nextOfVisit', visitId: 'v1', ...found })
    t.deepEqual(postedIn(actor.tell(offer('out'))), [])
    t.is(actor.state().order.visits.get('v1')?.open, 2)
  }
})

test('visits that are read before the stream has caught up wait for it, too', t => {
  const actor = begin([], { complete: false, caughtUp: false })
  const visits = { visits: [{ visitId: 'v9', open: 1, active: false }], complete: true }
  t.deepEqual(reads(actor.tell({ type: 'visitsRead', visits })), [])
  t.deepEqual(reads(actor.tell({ type: 'caughtUp' })), ['v9'])
})

test('when a user cancels the active event, or it expires, the next of its visit is delivered', t => {
  const actor = begin([{ visitId: 'v1', open: 2, active: true }])
  t.deepEqual(reads(actor.tell({ type: 'backlogChanged' })), ['v1'])
  const next = actor.tell({ type: 'nextOfVisit', visitId: 'v1', row: waiting('out'), active: false })
  t.deepEqual(postedIn(next), ['out'])
})

test('when a user cancels the only event of a visit, its next event does not wait for ever', t => {
  const actor = begin()
  const [post] = effectsOf(actor.tell(offer('in')), 'post')
  const [pending] = effectsOf(actor.tell(attempted(post, anAnswer(500))), 'record')
  actor.tell(recorded(pending))
  t.deepEqual(reads(actor.tell({ type: 'backlogChanged' })), ['v1'])
  actor.tell({ type: 'nextOfVisit', visitId: 'v1', row: null, active: false })
  t.deepEqual(postedIn(actor.tell(offer('out'))), ['out'])
})

test('while an event is in hand, a change of rows does not release the next of its visit', t => {
  const actor = begin()
  const [post] = effectsOf(actor.tell(offer('in')), 'post')
  t.deepEqual(reads(actor.tell({ type: 'backlogChanged' })), [])
  const early = actor.tell({ type: 'nextOfVisit', visitId: 'v1', row: waiting('out'), active: false })
  t.deepEqual(postedIn(early), [])
  t.is(effectsOf(actor.tell(attempted(post, anAnswer(200))), 'record').length, 1)
  const pulling = begin([{ visitId: 'v1', open: 2, active: true }])
  pulling.pulled([ordered('in')])
  t.deepEqual(reads(pulling.tell({ type: 'backlogChanged' })), [], 'a pulled row is in hand, too')
})

test('an event that is sent again during its attempt leaves the order: the next of its visit is delivered', t => {
  const actor = begin([{ visitId: 'v1', open: 2, active: true }])
  const [post] = effectsOf(actor.pulled([ordered('in')]), 'post')
  const [record] = effectsOf(actor.tell(attempted(post, anAnswer(500))), 'record')
  if (record === undefined) return t.fail('nothing was recorded')
  const { ordered: _, ...resent } = record.row
  t.deepEqual(reads(actor.tell({ type: 'recorded', row: resent, stored: true, leftOrder: true })), ['v1'])
  return undefined
})

test('a row outside of the order changes nothing for its visit', t => {
  const actor = begin([{ visitId: 'v1', open: 2, active: true }])
  const [post] = effectsOf(actor.pulled([aDelivery('resent', { visitId: 'v1' })]), 'post')
  const [record] = effectsOf(actor.tell(attempted(post, anAnswer(200))), 'record')
  t.deepEqual(reads(actor.tell(recorded(record))), [])
  t.is(actor.state().order.visits.get('v1')?.active, 'stored')
})

test('a row that is already in hand is not taken as the next of its visit', t => {
  const actor = begin([{ visitId: 'v1', open: 1, active: false }], { maxInFlight: 1 })
  actor.tell(offered('busy'))
  const message = { type: 'nextOfVisit', visitId: 'v1', row: waiting('in'), active: false } as const
  actor.tell(message)
  actor.tell(message)
  t.is(actor.state().backlog.length, 1)
})

test('nor is it after the order was read again while its attempt was under way', t => {
  const actor = begin([{ visitId: 'v1', open: 1, active: false }])
  const message = { type: 'nextOfVisit', visitId: 'v1', row: waiting('in'), active: false } as const
  t.deepEqual(postedIn(actor.tell(message)), ['in'])
  actor.configure({ ordering: 'none' })
  const visits = { visits: [{ visitId: 'v1', open: 1, active: false }], complete: true }
  t.deepEqual(reads(actor.tell({ type: 'visitsRead', visits })), ['v1'])
  t.deepEqual(postedIn(actor.tell(message)), [])
})

test('with more waiting rows than were read, every new event waits, and the rest is read when those are done', t => {
  const actor = begin([{ visitId: 'v1', open: 1, active: false }], { complete: false })
  t.deepEqual(effectsOf(actor.first, 'readVisits'), [], 'not yet')
  const [held] = effectsOf(actor.tell(offer('new', 'v9')), 'record')
  t.is(held?.row.reason, 'waiting_turn')
  t.deepEqual(reads(actor.tell(recorded(held))), [], 'its visit is among those to be read')
  const [post] = effectsOf(
    actor.tell({ type: 'nextOfVisit', visitId: 'v1', row: waiting('in'), active: false }),
    'post',
  )
  const [done] = effectsOf(actor.tell(attempted(post, anAnswer(200))), 'record')
  t.deepEqual(effectsOf(actor.tell(recorded(done)), 'readVisits'), [{ type: 'readVisits' }])
  t.deepEqual(effectsOf(actor.tell({ type: 'woke' }), 'readVisits'), [], 'once at a time')
  const visits = { visits: [{ visitId: 'v9', open: 1, active: false }], complete: true }
  t.deepEqual(reads(actor.tell({ type: 'visitsRead', visits })), ['v9'])
  t.true(actor.state().order.caughtUp)
})

test('a row that was written while the visits were read is counted', t => {
  const actor = begin([], { complete: false })
  const [first] = effectsOf(actor.tell(offer('a')), 'record')
  const visits = { visits: [{ visitId: 'v1', open: 1, active: false }], complete: true }
  t.deepEqual(reads(actor.tell({ type: 'visitsRead', visits })), ['v1'])
  actor.tell(recorded(first))
  t.is(actor.state().order.visits.get('v1')?.open, 2)
  const unread = begin([], { complete: false })
  const [late] = effectsOf(unread.tell(offer('late')), 'record')
  unread.tell({ type: 'visitsRead', visits: { visits: [], complete: true } })
  t.deepEqual(reads(unread.tell(recorded(late))), ['v1'], 'also when its visit was not found')
})

test('a new order setting begins with what is open in the ledger', t => {
  const actor = begin([{ visitId: 'v1', open: 1, active: true }])
  t.deepEqual(effectsOf(actor.configure({ url: 'https://new.example/' }), 'readVisits'), [])
  t.is(actor.state().order.visits.size, 1)
  t.deepEqual(effectsOf(actor.configure({ ordering: 'none' }), 'readVisits'), [{ type: 'readVisits' }])
  t.like(actor.state().order, { complete: false, caughtUp: true, loading: true })
})

test('an event that goes ahead, but is held for want of a slot, keeps its turn', t => {
  const actor = begin([], { maxInFlight: 1 })
  actor.tell(offered('busy'))
  actor.tell(offered('impatient'))
  actor.at(1_200)
  actor.tell({ type: 'woke' })
  const [held] = effectsOf(actor.tell(offer('in')), 'record')
  t.is(held?.row.reason, 'over_capacity')
  t.is(effectsOf(actor.tell(offer('out')), 'record')[0]?.row.reason, 'waiting_turn')
})

test('a supervisor without an order has no visits to read', t => {
  const actor = drive({}, { stored: nothingStored })
  actor.tell({ type: 'caughtUp' })
  t.deepEqual(effectsOf(actor.tell({ type: 'backlogChanged' }), 'readVisits'), [])
})
