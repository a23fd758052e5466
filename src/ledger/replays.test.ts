import test from 'ava'
import { attempt, ledgerOfFile, newTenant, now, type TestTenant } from '../../test/support/ledger.ts'
import type { Delivery } from '../domain/delivery.ts'
import type { Replay } from '../domain/replay.ts'
import { dayMs } from '../domain/time.ts'
import { type DeliveryDocument, toDocument } from './delivery-document.ts'
import type { ReplayDocument } from './replays.ts'

const ledger = ledgerOfFile()
const deliveries = () => ledger().db.collection<DeliveryDocument>('deliveries')
const documents = () => ledger().db.collection<ReplayDocument>('replays')
const insert = async (rows: readonly Delivery[]) => void (await deliveries().insertMany(rows.map(toDocument)))
const get = ({ tenant, id }: Delivery) => ledger().deliveries.get(tenant, id)
const events = (rows: readonly Delivery[]) => rows.map(({ eventId }) => eventId)

const replayOf = ({ tenant, subscriptionId }: TestTenant, change: Partial<Replay> = {}): Replay => ({
  id: `rpl_${tenant}`,
  tenant,
  subscriptionId,
  from: 100,
  to: 200,
  selection: 'all',
  perSecond: 10,
  state: 'running',
  total: 3,
  opened: 0,
  skipped: 0,
  cursor: null,
  traceparent: 'trace',
  createdAt: 1,
  finishedAt: null,
  ...change,
})
const final = { status: 'delivered', nextAttemptAt: null } as const
const attempts = [attempt(1), attempt(2)]

test('a replay selects the final deliveries of its subscription and time by status, tests and waiting ones never', async t => {
  const of = newTenant()
  const { row } = of
  await insert([
    row('at-from', { ...final, createdAt: 100 }),
    row('at-to', { ...final, createdAt: 200 }),
    row('early', { ...final, createdAt: 99 }),
    row('dead', { ...final, status: 'dead', createdAt: 150 }),
    row('cancelled', { ...final, status: 'cancelled', createdAt: 199 }),
    row('test', { ...final, kind: 'test', createdAt: 150 }),
    row('again', { ...final, kind: 'replay', createdAt: 150 }),
    row('open', { createdAt: 150 }),
    row('held', { createdAt: 150, status: 'held' }),
    row('other', { ...final, createdAt: 150, subscriptionId: `${of.subscriptionId}_2` }),
    row('ours', { ...final, createdAt: 150, replayId: replayOf(of).id }),
  ])
  const selections = {
    all: ['at-from', 'again', 'dead', 'cancelled'],
    missing: ['at-from', 'again', 'dead', 'cancelled'],
    delivered: ['at-from', 'again'],
    dead: ['dead'],
    cancelled: ['cancelled'],
  } as const
  const counts = { all: 5, missing: 5, delivered: 3, dead: 1, cancelled: 1 }
  for (const selection of ['all', 'missing', 'delivered', 'dead', 'cancelled'] as const) {
    const replay = replayOf(of, { selection })
    t.deepEqual(events(await ledger().replays.next(replay, 9)), selections[selection], selection)
    t.is(await ledger().replays.count(replay), counts[selection], selection)
  }
})

test('a replay opens its deliveries oldest first, in batches from its cursor, and skips none of the same moment', async t => {
  const of = newTenant()
  const rows = Array.from({ length: 5 }, (_, n) => of.row(`e-${n}`, { ...final, createdAt: 100 + Math.floor(n / 3) }))
  await insert(rows)
  const next = async (cursor: Replay['cursor'], limit: number) =>
    events(await ledger().replays.next(replayOf(of, { cursor }), limit))
  t.deepEqual(await next(null, 2), ['e-0', 'e-1'])
  t.deepEqual(await next({ createdAt: 100, id: rows[1]?.id ?? '' }, 2), ['e-2', 'e-3'])
  t.deepEqual(await next({ createdAt: 101, id: rows[3]?.id ?? '' }, 2), ['e-4'])
  t.deepEqual(await next({ sequence: 7 }, 9), ['e-0', 'e-1', 'e-2', 'e-3', 'e-4'], 'the cursor of another selection')
  t.deepEqual((await ledger().replays.next(replayOf(of), 1))[0], rows[0])
})

test('a delivery that a replay opens waits as a replay with the new content, and remembers its state', async t => {
  const of = newTenant()
  const before = { nextAttemptAt: null, attempts, ordered: true, ownFaults: 3, updatedAt: now - 5 } as const
  const dead = of.row('dead', { ...before, status: 'dead', reason: 'exhausted' })
  const fresh = of.row('fresh', { ...final, body: undefined as never, reasonBefore: 'expired', statusBefore: 'dead' })
  await insert([dead, fresh])
  const opened = {
    ...({ status: 'held', reason: 'replay', kind: 'replay', replayId: 'rpl_1', body: '{"new":1}' } as const),
    nextAttemptAt: now + 1,
    updatedAt: now + 2,
    revision: 2,
  }
  const { replays } = ledger()
  for (const row of [dead, fresh]) {
    t.true(await replays.open(row, 'rpl_1', '{"new":1}', now + 1, now + 2))
    t.false(await replays.open(row, 'rpl_2', '{}', now, now), 'it changed after it was read')
    const stored = await deliveries().findOne({ _id: row.id })
    t.deepEqual([stored?.open, stored?.expireAt], [true, new Date(now + 2 + 40 * dayMs)])
  }
  const { ordered: _, ownFaults: __, ...kept } = dead
  const from = { statusBefore: 'dead', reasonBefore: 'exhausted', earlierAttempts: 2 } as const
  t.deepEqual(await get(dead), { ...kept, ...opened, ...from })
  const { reasonBefore: ___, ...rest } = fresh
  t.deepEqual(await get(fresh), { ...rest, ...opened, statusBefore: 'delivered', earlierAttempts: 0 })
})

test('a cancelled replay returns what it opened, and only what is still open, to its previous state', async t => {
  const of = newTenant()
  const { row } = of
  const { replays } = ledger()
  const replay = replayOf(of)
  const rows = {
    dead: row('dead', { status: 'dead', reason: 'exhausted', nextAttemptAt: null }),
    delivered: row('delivered', { ...final, body: undefined as never }),
    sent: row('sent', { ...final, replayId: replay.id }),
    made: row('made', { status: 'held', reason: 'replay', kind: 'replay', replayId: replay.id }),
    other: row('other', { status: 'held', reason: 'replay', replayId: 'rpl_other' }),
  }
  await insert(Object.values(rows))
  await replays.insert(replay)
  for (const each of [rows.dead, rows.delivered]) t.true(await replays.open(each, replay.id, '{}', now, now))
  t.deepEqual(await replays.progress(replay), { delivered: 1, waiting: 3, dead: 0, cancelled: 0 })

  t.true(await replays.cancel(of.tenant, replay.id, now + 7))
  const restored = { nextAttemptAt: null, updatedAt: now + 7 }
  const { body: _, ...dead } = rows.dead
  t.deepEqual(await get(rows.dead), { ...dead, ...restored, kind: 'replay', earlierAttempts: 0, revision: 3 })
  const { body: __, ...delivered } = rows.delivered
  t.deepEqual(await get(rows.delivered), { ...delivered, ...restored, kind: 'replay', earlierAttempts: 0, revision: 3 })
  const stored = await deliveries().findOne({ _id: rows.dead.id })
  t.deepEqual([stored?.open, stored?.expireAt], [undefined, new Date(now + 7 + 366 * dayMs)])
  const { body: ___, replayId: ____, ...made } = rows.made
  const cancelled = { status: 'cancelled', reason: 'cancelled', revision: 2 } as const
  t.deepEqual(await get(rows.made), { ...made, ...restored, ...cancelled }, 'a row that the replay created')
  for (const each of [rows.sent, rows.other]) t.deepEqual(await get(each), each)

  t.deepEqual(await replays.get(of.tenant, replay.id), { ...replay, state: 'cancelled', finishedAt: now + 7 })
  t.deepEqual((await documents().findOne({ _id: replay.id }))?.expireAt, new Date(now + 7 + 30 * dayMs))
  t.false(await replays.cancel(of.tenant, replay.id, now + 8), 'there is nothing left to cancel')
  t.is((await replays.get(of.tenant, replay.id))?.finishedAt, now + 7)
})

test('a replay that is done can be cancelled while some of its deliveries still wait', async t => {
  const of = newTenant()
  const { replays } = ledger()
  const done = replayOf(of, { state: 'done', finishedAt: now })
  await replays.insert(done)
  t.false(await replays.cancel(of.tenant, done.id, now + 1))
  t.deepEqual(await replays.get(of.tenant, done.id), done)
  await insert([of.row('e-1', { status: 'held', replayId: done.id, statusBefore: 'dead' })])
  t.true(await replays.cancel(of.tenant, done.id, now + 2))
  t.deepEqual(await replays.get(of.tenant, done.id), { ...done, state: 'cancelled', finishedAt: now + 2 })
  t.is((await get(of.row('e-1')))?.status, 'dead')
})

test('a batch that was being opened when its replay was cancelled is restored too; one of a running replay is not', async t => {
  const of = newTenant()
  const { replays } = ledger()
  const [cancelled, running] = [replayOf(of), replayOf(of, { id: `run_${of.tenant}` })]
  await Promise.all([cancelled, running].map(replays.insert))
  await replays.cancel(of.tenant, cancelled.id, now)
  const opened = { status: 'held', reason: 'replay', statusBefore: 'dead', reasonBefore: 'exhausted' } as const
  const [late, other] = [
    of.row('late', { ...opened, replayId: cancelled.id }),
    of.row('other', { ...opened, replayId: running.id }),
  ]
  await insert([late, other])
  for (const each of [cancelled, running]) await replays.afterCancel(each, now + 5)
  t.like(await get(late), { status: 'dead', reason: 'exhausted', updatedAt: now + 5, nextAttemptAt: null })
  t.deepEqual(await get(other), other)
})

test('the progress of a running replay is stored; that of a cancelled one is refused, so its run ends', async t => {
  const of = newTenant()
  const { replays } = ledger()
  await replays.insert(replayOf(of))
  const progress = { opened: 2, skipped: 1, cursor: { sequence: 5 } }
  t.true(await replays.advance({ ...replayOf(of, progress), total: 99, perSecond: 99 }))
  t.deepEqual(await replays.get(of.tenant, replayOf(of).id), replayOf(of, progress))
  t.is((await documents().findOne({ _id: replayOf(of).id }))?.expireAt, undefined)
  const done = replayOf(of, { ...progress, state: 'done', finishedAt: now })
  t.true(await replays.advance(done))
  t.deepEqual(await replays.get(of.tenant, done.id), done)
  t.deepEqual((await documents().findOne({ _id: done.id }))?.expireAt, new Date(now + 30 * dayMs))
  t.false(await replays.advance(replayOf(of)), 'it is over')
  t.deepEqual(await replays.get(of.tenant, done.id), done)
})

test('the results of a replay are counted by the status of what it opened', async t => {
  const of = newTenant()
  const replayId = replayOf(of).id
  const statuses = ['delivered', 'delivered', 'pending', 'held', 'held', 'dead', 'cancelled', 'cancelled'] as const
  await insert(statuses.map((status, n) => of.row(`e-${n}`, { status, replayId })))
  await insert([of.row('other', { replayId: 'rpl_other' }), of.row('none')])
  t.deepEqual(await ledger().replays.progress(replayOf(of)), { delivered: 2, waiting: 3, dead: 1, cancelled: 2 })
  const none = { delivered: 0, waiting: 0, dead: 0, cancelled: 0 }
  t.deepEqual(await ledger().replays.progress(replayOf(of, { id: 'none' })), none)
})

test('replays are listed newest first in pages, by subscription, and the running ones are found after a restart', async t => {
  const of = newTenant()
  const { replays } = ledger()
  const { tenant, subscriptionId } = of
  const second = `${subscriptionId}_2`
  const all = [
    replayOf(of, { id: `1_${tenant}` }),
    replayOf(of, { id: `2_${tenant}`, subscriptionId: second }),
    replayOf(of, { id: `3_${tenant}`, state: 'done' }),
  ] as const
  for (const each of [all[1], all[0], all[2]]) await replays.insert(each)
  t.deepEqual(await replays.list(tenant, { limit: 2 }), [all[2], all[1]])
  t.deepEqual(await replays.list(tenant, { limit: 2, before: all[1].id }), [all[0]])
  t.deepEqual(await replays.list(tenant, { limit: 9, subscriptionId }), [all[2], all[0]])
  t.deepEqual(await replays.list(tenant, { limit: 9, subscriptionId: second, before: all[1].id }), [])
  const running = (await replays.running()).filter(replay => replay.tenant === tenant)
  t.deepEqual(running.map(({ id }) => id).toSorted(), [all[0].id, all[1].id])
})
