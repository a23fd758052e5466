import test from 'ava'
import type { Outcome } from '../../src/domain/outcome.ts'
import { attempted, drive, effectsOf as of, offered, recorded } from '../../test/support/supervisor-driver.ts'
import { aDelivery, anAnswer, aSubscription, noAnswer } from '../../test/support/supervised-values.ts'
import { patienceMs } from './queues.ts'

test('a new delivery is posted at once while a slot is free, and waits when none is', t => {
  const actor = drive({ maxInFlight: 2 })
  t.is(of(actor.tell(offered(1)), 'post').length, 1)
  t.is(of(actor.tell(offered(2)), 'post').length, 1)
  t.is(of(actor.tell(offered(3)), 'post').length, 0)
  t.is(actor.state().fresh.length, 1)
})

for (const { outcome, status, reason, due } of [
  { outcome: anAnswer(200), status: 'delivered', reason: undefined, due: null },
  { outcome: anAnswer(204), status: 'delivered', reason: undefined, due: null },
  { outcome: anAnswer(302), status: 'pending', reason: undefined, due: 1_000 + 2_750 },
  { outcome: anAnswer(400), status: 'pending', reason: undefined, due: 1_000 + 2_750 },
  { outcome: anAnswer(503), status: 'pending', reason: undefined, due: 1_000 + 2_750 },
  { outcome: anAnswer(503, 60_000), status: 'pending', reason: undefined, due: 61_000 },
  { outcome: noAnswer('timeout'), status: 'pending', reason: undefined, due: 1_000 + 2_750 },
] as const) {
  const name =
    outcome.type === 'answered' ? `${outcome.status} (retry after ${outcome.retryAfterMs ?? '–'})` : outcome.error
  test(`after ${name} the row is ${status}, due ${due}`, t => {
    const actor = drive()
    const [record] = of(actor.tell(attempted(of(actor.tell(offered(1)), 'post')[0], outcome)), 'record')
    t.like(record?.row, { status, nextAttemptAt: due })
    t.is(record?.row.reason, reason)
    t.is(record?.row.attempts.length, 1)
    t.false(record?.stored)
  })
}

test('a delivered row lets go of its body, a pending and a dead one keep it', t => {
  const bodyAfter = (outcome: Outcome, retry = { delaysMs: [1_000] }) => {
    const actor = drive({ retry })
    return of(actor.tell(attempted(of(actor.tell(offered(1)), 'post')[0], outcome)), 'record')[0]?.row.body
  }
  t.is(bodyAfter(anAnswer(200)), undefined)
  t.is(bodyAfter(anAnswer(500)), '{}')
  t.is(bodyAfter(anAnswer(500), { delaysMs: [] }), '{}')
})

test('an exhausted policy makes the row dead', t => {
  const actor = drive({ retry: { delaysMs: [] } })
  const [record] = of(actor.tell(attempted(of(actor.tell(offered(1)), 'post')[0], anAnswer(500))), 'record')
  t.like(record?.row, { status: 'dead', reason: 'exhausted', nextAttemptAt: null })
})

test('a fault of our own burns no attempt', t => {
  const actor = drive()
  const [record] = of(actor.tell(attempted(of(actor.tell(offered(1)), 'post')[0], noAnswer('own_fault'))), 'record')
  t.like(record?.row, { status: 'pending', attempts: [] })
})

test('a pending row is pulled when it falls due, and posted as the next attempt', t => {
  const actor = drive()
  const record = of(actor.tell(attempted(of(actor.tell(offered(1)), 'post')[0], anAnswer(500))), 'record')[0]
  if (record === undefined) return t.fail('nothing was recorded')
  const dueAt = record.row.nextAttemptAt ?? 0
  t.deepEqual(of(actor.tell(recorded(record)), 'wakeAt'), [{ type: 'wakeAt', at: dueAt }])
  actor.at(dueAt)
  const [pull] = of(actor.tell({ type: 'woke' }), 'pull')
  t.truthy(pull)
  const effects = actor.tell({ type: 'pulled', rows: [record.row], asked: pull?.limit ?? 0, nextDueAt: null })
  t.like(of(effects, 'post')[0], { number: 2, work: { stored: true } })
})

test('a row that was written while a pull was under way is not taken from that pull', t => {
  const actor = drive()
  const row = aDelivery(1, { attempts: [] })
  const [pull] = of(actor.tell({ type: 'backlogChanged' }), 'pull')
  const [post] = of(actor.tell({ type: 'pulled', rows: [row], asked: pull?.limit ?? 0, nextDueAt: null }), 'post')
  const again = of(actor.tell({ type: 'backlogChanged' }), 'pull')[0]
  const [record] = of(actor.tell(attempted(post, anAnswer(200))), 'record')
  if (record === undefined || again === undefined) return t.fail('expected a record and a second pull')
  actor.tell(recorded(record))
  t.deepEqual(of(actor.tell({ type: 'pulled', rows: [row], asked: again.limit, nextDueAt: null }), 'post'), [])
})

test('a new event that waits longer than patience becomes a held row, and later ones do not wait', t => {
  const actor = drive({ maxInFlight: 1 })
  actor.tell(offered(1))
  actor.tell(offered(2))
  actor.at(1_000 + patienceMs)
  t.like(of(actor.tell({ type: 'woke' }), 'record')[0]?.row, { eventId: '2', status: 'held', reason: 'over_capacity' })
  t.like(of(actor.tell(offered(3)), 'record')[0]?.row, { eventId: '3', status: 'held' })
})

test('fresh events and backlog take turns, so neither starves the other', t => {
  const actor = drive({ maxInFlight: 1 })
  actor.tell({ type: 'backlogChanged' })
  const rows = ['old-1', 'old-2', 'old-3'].map(event => aDelivery(event))
  let [post] = of(actor.tell({ type: 'pulled', rows, asked: 10, nextDueAt: null }), 'post')
  for (const n of [1, 2, 3]) actor.tell(offered(`new-${n}`))
  const order: string[] = []
  while (post !== undefined) {
    order.push(post.work.delivery.eventId)
    const effects = actor.tell(attempted(post, anAnswer(200)))
    const [record] = of(effects, 'record')
    if (record === undefined) return t.fail('nothing was recorded')
    post = [...of(effects, 'post'), ...of(actor.tell(recorded(record)), 'post')][0]
  }
  t.deepEqual(order, ['old-1', 'new-1', 'old-2', 'new-2', 'old-3', 'new-3'])
  return undefined
})

test('a ledger that does not answer holds the posts back, so that a crash doubles little', t => {
  const actor = drive({ maxInFlight: 2 })
  let posts = [...of(actor.tell(offered(0)), 'post'), ...of(actor.tell(offered(1)), 'post')]
  for (const n of [2, 3, 4, 5, 6]) actor.tell(offered(n))
  let answered = 0
  while (posts.length > 0) {
    answered += posts.length
    posts = posts.flatMap(post => of(actor.tell(attempted(post, anAnswer(200))), 'post'))
  }
  t.is(answered, 4)
  t.is(actor.state().recording, 4)
})

test('drain hands back what waits, and ends when the last attempt has been recorded', t => {
  const actor = drive({ maxInFlight: 1 })
  const [post] = of(actor.tell(offered(1)), 'post')
  actor.tell(offered(2))
  t.deepEqual(of(actor.tell({ type: 'drain' }), 'handBack'), [{ type: 'handBack', deliveryId: '2.sub_1' }])
  const [record] = of(actor.tell(attempted(post, anAnswer(200))), 'record')
  if (record === undefined) return t.fail('nothing was recorded')
  actor.tell(recorded(record))
  t.is(actor.state().phase, 'done')
})

test('an attempt that was cut off by the shutdown is handed back to the stream', t => {
  const actor = drive()
  const [post] = of(actor.tell(offered(1)), 'post')
  actor.tell({ type: 'drain' })
  const effects = actor.tell(attempted(post, noAnswer('own_fault')))
  t.deepEqual(of(effects, 'handBack'), [{ type: 'handBack', deliveryId: '1.sub_1' }])
  t.is(actor.state().phase, 'done')
})

test('a deleted subscription cancels what it holds, and a failure after it is not tried again', t => {
  const actor = drive({ maxInFlight: 1 })
  const [post] = of(actor.tell(offered(1)), 'post')
  actor.tell(offered(2))
  t.like(of(actor.tell({ type: 'removed' }), 'record')[0]?.row, {
    eventId: '2',
    status: 'cancelled',
    reason: 'subscription_deleted',
  })
  t.like(of(actor.tell(attempted(post, anAnswer(500))), 'record')[0]?.row, { eventId: '1', status: 'cancelled' })
})

test('a change of settings is in force for the next attempt', t => {
  const actor = drive()
  actor.tell({ type: 'configured', subscription: aSubscription({ url: 'https://new.example/' }) })
  t.is(of(actor.tell(offered(1)), 'post')[0]?.subscription.url, 'https://new.example/')
})

test('an idle supervisor leaves memory unless something is due soon', t => {
  const idle = drive()
  idle.tell({ type: 'idled' })
  t.is(idle.state().phase, 'done')
  const waiting = drive()
  const [record] = of(waiting.tell(attempted(of(waiting.tell(offered(1)), 'post')[0], anAnswer(500))), 'record')
  if (record === undefined) return t.fail('nothing was recorded')
  waiting.tell(recorded(record))
  waiting.tell({ type: 'idled' })
  t.is(waiting.state().phase, 'running')
})

test('a new row that a pull found before its writing was heard of is posted once', t => {
  const actor = drive({ maxInFlight: 1 })
  const [busy] = of(actor.tell(offered(1)), 'post')
  actor.tell(offered(2))
  actor.at(1_000 + patienceMs)
  const [held] = of(actor.tell({ type: 'woke' }), 'record')
  if (held === undefined) return t.fail('nothing was held')
  const [done] = of(actor.tell(attempted(busy, anAnswer(200))), 'record')
  if (done === undefined) return t.fail('nothing was recorded')
  actor.tell(recorded(done))
  const [pull] = of(actor.tell({ type: 'backlogChanged' }), 'pull')
  const found = { type: 'pulled', rows: [held.row], asked: pull?.limit ?? 0, nextDueAt: null } as const
  t.is(of(actor.tell(found), 'post').length, 1)
  actor.tell(recorded(held))
  t.true(actor.state().inHand.has(held.row.id), 'it is in hand until its attempt is written')
  actor.tell({ type: 'configured', subscription: aSubscription({ maxInFlight: 2 }) })
  const again = of(actor.tell({ type: 'backlogChanged' }), 'pull')
  const effects = actor.tell({ ...found, asked: again[0]?.limit ?? 9 })
  t.deepEqual(of(effects, 'post'), [])
  return undefined
})

test('deliveries that are written during a pull do not cause another', t => {
  const actor = drive({ maxInFlight: 8 })
  const posts = [1, 2, 3].flatMap(event => of(actor.tell(offered(event)), 'post'))
  const [pull] = of(actor.tell({ type: 'backlogChanged' }), 'pull')
  for (const post of posts) {
    const [record] = of(actor.tell(attempted(post, anAnswer(200))), 'record')
    if (record !== undefined) actor.tell(recorded(record))
  }
  t.deepEqual(of(actor.tell({ type: 'pulled', rows: [], asked: pull?.limit ?? 0, nextDueAt: null }), 'pull'), [])
})

test('a wish to look again that comes during a pull is not lost', t => {
  const actor = drive()
  const [pull] = of(actor.tell({ type: 'backlogChanged' }), 'pull')
  actor.tell({ type: 'backlogChanged' })
  t.is(of(actor.tell({ type: 'pulled', rows: [], asked: pull?.limit ?? 0, nextDueAt: null }), 'pull').length, 1)
})

test('rows in memory that may have changed in the ledger are fetched again, not posted as they were', t => {
  const actor = drive({ maxInFlight: 1 })
  const [pull] = of(actor.tell({ type: 'backlogChanged' }), 'pull')
  const rows = [1, 2, 3].map(event => aDelivery(event))
  const [first] = of(actor.tell({ type: 'pulled', rows, asked: pull?.limit ?? 0, nextDueAt: null }), 'post')
  t.is(first?.work.delivery.id, '1.sub_1')
  actor.tell({ type: 'backlogChanged' })
  t.deepEqual(actor.state().backlog, [])
  const effects = actor.tell(attempted(first, anAnswer(204)))
  t.is(of(effects, 'post').length, 0)
  t.is(of(effects, 'pull').length, 1)
})

test('what a pull read while the rows changed is not posted: it is pulled again', t => {
  const actor = drive()
  const [pull] = of(actor.tell({ type: 'backlogChanged' }), 'pull')
  actor.tell({ type: 'backlogChanged' })
  const effects = actor.tell({ type: 'pulled', rows: [aDelivery(1)], asked: pull?.limit ?? 0, nextDueAt: null })
  t.is(of(effects, 'post').length, 0)
  t.is(of(effects, 'pull').length, 1)
})

test('an endpoint that a user pauses and resumes is tried at once, although its circuit was open', t => {
  const actor = drive({ maxInFlight: 8 })
  const posts = [1, 2, 3, 4, 5].flatMap(event => of(actor.tell(offered(event)), 'post'))
  for (const post of posts)
    for (const record of of(actor.tell(attempted(post, noAnswer('timeout'))), 'record')) actor.tell(recorded(record))
  t.is(actor.state().circuit.phase, 'open')
  t.is(of(actor.tell(offered(6)), 'post').length, 0)
  for (const status of ['paused', 'active'] as const)
    actor.tell({ type: 'configured', subscription: aSubscription({ maxInFlight: 8, status }) })
  t.is(actor.state().circuit.phase, 'closed')
  t.is(of(actor.tell(offered(7)), 'post').length, 1)
})
