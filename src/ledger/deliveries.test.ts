import test from 'ava'
import { attempt, ledgerOfFile, newTenant, now } from '../../test/support/ledger.ts'
import { type Collection, MongoServerError } from 'mongodb'
import type { Delivery } from '../domain/delivery.ts'
import { Failure } from '../domain/failure.ts'
import { dayMs } from '../domain/time.ts'
import { createDeliveries } from './deliveries.ts'
import { type DeliveryDocument, toDocument } from './delivery-document.ts'

const ledger = ledgerOfFile()
const insertAll = (rows: readonly Delivery[]) => Promise.all(rows.map(ledger().deliveries.insert))
const events = (rows: readonly Delivery[]) => rows.map(({ eventId }) => eventId)
const stored = (id: string) => ledger().db.collection<DeliveryDocument>('deliveries').findOne({ _id: id })
const final = { status: 'delivered', nextAttemptAt: null } as const

test('a list comes newest first in pages that neither repeat nor omit a row, also with equal times', async t => {
  const { tenant, row } = newTenant()
  const rows = Array.from({ length: 7 }, (_, n) => row(`e-${n}`, { createdAt: 1_000 + Math.floor(n / 3) }))
  await insertAll(rows)
  const all = await ledger().deliveries.list({ tenant, limit: 9 })
  t.deepEqual(events(all), ['e-6', 'e-5', 'e-4', 'e-3', 'e-2', 'e-1', 'e-0'])
  t.deepEqual(all[0], rows[6], 'with every field, and no internal one')
  for (const limit of [1, 2, 3]) {
    const found: Delivery[] = []
    for (;;) {
      const last = found.at(-1)
      const before = last === undefined ? {} : { before: { createdAt: last.createdAt, id: last.id } }
      const page = await ledger().deliveries.list({ tenant, limit, ...before })
      if (page.length === 0) break
      t.true(page.length <= limit)
      found.push(...page)
    }
    t.deepEqual(found, all, `in pages of ${limit}`)
  }
})

test('a list is filtered by event, subscription, visit, status, type and time, and by all of them together', async t => {
  const { tenant, row, subscriptionId } = newTenant()
  const second = `${subscriptionId}_2`
  await insertAll([
    row('e-1', { createdAt: 1_000 }),
    row('e-1', { createdAt: 1_001, subscriptionId: second }),
    row('e-10', { createdAt: 1_002, visitId: 'visit-2' }),
    row('e-2', { createdAt: 1_003, type: 'visit.updated' }),
    row('e-3', { createdAt: 1_004, ...final }),
  ])
  const list = async (query: object) => events(await ledger().deliveries.list({ tenant, limit: 9, ...query }))
  t.deepEqual(await list({ eventId: 'e-1' }), ['e-1', 'e-1'], 'not e-10')
  t.deepEqual(await list({ subscriptionId }), ['e-3', 'e-2', 'e-10', 'e-1'])
  t.deepEqual(await list({ visitId: 'visit-2' }), ['e-10'])
  t.deepEqual(await list({ status: 'delivered' }), ['e-3'])
  t.deepEqual(await list({ type: 'visit.updated' }), ['e-2'])
  t.deepEqual(await list({ from: 1_002 }), ['e-3', 'e-2', 'e-10'], 'from is included')
  t.deepEqual(await list({ to: 1_002 }), ['e-1', 'e-1'], 'to is not')
  t.deepEqual(await list({ from: 1_001, to: 1_004, subscriptionId, visitId: 'visit-1' }), ['e-2'])
  t.deepEqual(await list({ eventId: 'e-1', before: { createdAt: 1_001, id: `e-1.${second}` } }), ['e-1'])
  t.is((await ledger().deliveries.get(tenant, `e-1.${second}`))?.subscriptionId, second)
  t.is(await ledger().deliveries.get(tenant, 'e-1.none'), null)
})

test('due rows are read oldest first up to the limit, final ones never, and the time of the next one is known', async t => {
  const { row, subscriptionId } = newTenant()
  const held = row('held', { status: 'held', reason: 'over_capacity', nextAttemptAt: 150 })
  await insertAll([
    row('late', { nextAttemptAt: 900 }),
    row('later', { nextAttemptAt: 901 }),
    row('b', { nextAttemptAt: 500 }),
    row('a', { nextAttemptAt: 100 }),
    row('turn', { status: 'held', reason: 'waiting_turn', nextAttemptAt: null }),
    held,
    row('done', final),
    row('other', { subscriptionId: `${subscriptionId}_2`, nextAttemptAt: 501 }),
  ])
  const due = async (at: number, limit: number) => events(await ledger().deliveries.due(subscriptionId, at, limit))
  t.deepEqual(await due(500, 10), ['a', 'held', 'b'], 'a row is due at its time')
  t.deepEqual(await due(499, 10), ['a', 'held'])
  t.deepEqual(await due(500, 2), ['a', 'held'])
  t.is(await ledger().deliveries.nextDueAt(subscriptionId, 500), 900)
  t.is(await ledger().deliveries.nextDueAt(subscriptionId, 900), 901, 'later than this moment')
  t.is(await ledger().deliveries.nextDueAt(subscriptionId, 901), null)
  await ledger().deliveries.update({ ...held, ...final, revision: 2 })
  t.deepEqual(await due(500, 10), ['a', 'b'])
})

test('what waits is counted by status with the time of its oldest row, for each subscription that has any', async t => {
  const { row, subscriptionId } = newTenant()
  const [b, idle] = [`${subscriptionId}_b`, `${subscriptionId}_idle`]
  await insertAll([
    row('e-1', { createdAt: 30 }),
    row('e-2', { createdAt: 20 }),
    row('e-3', { createdAt: 10, status: 'held' }),
    row('e-4', { createdAt: 1, ...final }),
    row('e-1', { createdAt: 5, subscriptionId: b }),
    row('e-2', { createdAt: 6, subscriptionId: b, status: 'held' }),
    row('e-1', { subscriptionId: idle, ...final }),
  ])
  const backlogs = async (...ids: string[]) => Object.fromEntries(await ledger().deliveries.backlogs(ids))
  const ofB = { pending: 1, held: 1, oldestPendingAt: 5 }
  t.deepEqual(await backlogs(subscriptionId, b, idle), {
    [subscriptionId]: { pending: 2, held: 1, oldestPendingAt: 10 },
    [b]: ofB,
  })
  t.deepEqual(await backlogs(b), { [b]: ofB })
  const ours = (await ledger().deliveries.backlogged()).filter(id => id.startsWith(subscriptionId))
  t.deepEqual(ours, [subscriptionId, b], 'each once')
})

test('due rows are read from the partial index, regardless of the number of delivered rows', async t => {
  const { row, subscriptionId } = newTenant()
  await insertAll([...Array.from({ length: 50 }, (_, n) => row(`d-${n}`, final)), row('open')])
  const query = { subscriptionId, open: true, nextAttemptAt: { $lte: 500 } }
  const found = ledger().db.collection('deliveries').find(query).sort({ nextAttemptAt: 1 })
  t.is((await found.explain('executionStats'))['executionStats'].totalKeysExamined, 1)
})

test('MongoDB removes a finished row after 366 days, and after 40 days one that waits, which no worker has ended', async t => {
  const { row } = newTenant()
  await insertAll([row('open', { updatedAt: now + 3 }), row('done', { ...final, updatedAt: now + 5 })])
  t.deepEqual((await stored(row('open').id))?.expireAt, new Date(now + 3 + 40 * dayMs))
  t.true((await stored(row('open').id))?.open)
  t.deepEqual((await stored(row('done').id))?.expireAt, new Date(now + 5 + 366 * dayMs))
  t.is((await stored(row('done').id))?.open, undefined)
  t.false('nextAttemptAt' in ((await stored(row('done').id)) ?? {}))
})

test('the waiting rows of a deleted subscription are cancelled, without their content, and nothing else is', async t => {
  const { tenant, row, subscriptionId } = newTenant()
  const others = row('e-1', { subscriptionId: `${subscriptionId}_2` })
  const done = row('done', { ...final, body: undefined as never })
  await insertAll([row('e-1'), row('e-2', { status: 'held', reason: 'paused' }), done, others])
  t.is(await ledger().deliveries.cancelAll(subscriptionId, 'subscription_deleted', now + 7_000), 2)
  const { body: _, ...rest } = row('e-1')
  const cancelled = { status: 'cancelled', reason: 'subscription_deleted', nextAttemptAt: null } as const
  t.deepEqual(await ledger().deliveries.get(tenant, rest.id), {
    ...rest,
    ...cancelled,
    updatedAt: now + 7_000,
    revision: 2,
  })
  t.deepEqual((await stored(rest.id))?.expireAt, new Date(now + 7_000 + 366 * dayMs))
  t.is((await stored(rest.id))?.open, undefined)
  t.deepEqual(await ledger().deliveries.get(tenant, others.id), others)
  t.like(await ledger().deliveries.get(tenant, done.id), { status: 'delivered', revision: 1 })
  t.is(await ledger().deliveries.cancelAll(subscriptionId, 'subscription_deleted', now + 7_000), 0)
})

test('thousands of waiting rows are cancelled in batches, once each, also when every partition asks for it', async t => {
  const { tenant, row, subscriptionId } = newTenant()
  const rows = Array.from({ length: 2_001 }, (_, n) => row(`e-${n}`))
  const other = row('e-0', { subscriptionId: `${subscriptionId}_2` })
  await insertAll([...rows, other])
  const cancel = () => ledger().deliveries.cancelAll(subscriptionId, 'subscription_deleted', now)
  t.deepEqual(await Promise.all([cancel(), cancel(), cancel()]), [2_001, 2_001, 2_001])
  const collection = ledger().db.collection<DeliveryDocument>('deliveries')
  t.is(await collection.countDocuments({ subscriptionId, status: 'cancelled', revision: 2 }), 2_001)
  t.like(await ledger().deliveries.get(tenant, other.id), { status: 'pending', revision: 1 })
  await insertAll([row('late')])
  t.is(await cancel(), 1)
})

test('the deliveries of a visit are found without reading those of others', async t => {
  const { tenant, row } = newTenant()
  await insertAll(Array.from({ length: 50 }, (_, n) => row(`e-${n}`, { visitId: `visit-${n % 10}`, createdAt: n })))
  t.deepEqual(events(await ledger().deliveries.list({ tenant, visitId: 'visit-3', limit: 3 })), [
    'e-43',
    'e-33',
    'e-23',
  ])
  const search = { $and: [{ tenant, visitId: 'visit-3' }] }
  const found = ledger().db.collection('deliveries').find(search).sort({ createdAt: -1, _id: -1 }).limit(3)
  const { executionStats } = (await found.explain('executionStats')) as {
    executionStats: { totalDocsExamined: number; totalKeysExamined: number }
  }
  t.like(executionStats, { totalDocsExamined: 3, totalKeysExamined: 3 })
})

test('a search that takes too long is refused with how to narrow it, and any other error of it is not', async t => {
  const searchThat = (error: Error) => {
    const cursor = {
      sort: () => cursor,
      limit: () => cursor,
      maxTimeMS: () => cursor,
      toArray: async () => {
        throw error
      },
    }
    const collection = { find: () => cursor } as unknown as Collection<DeliveryDocument>
    return createDeliveries(collection, { batchWritten: () => undefined } as never).list({ tenant: 'acme', limit: 1 })
  }
  const slow = new MongoServerError({ message: 'operation exceeded time limit', code: 50 })
  const error = await t.throwsAsync(searchThat(slow), { instanceOf: Failure, code: 'search_too_wide' })
  t.regex(error.message, /for 5 s .* Name an eventId or a visitId, or a shorter time with from and to\.$/)
  await t.throwsAsync(searchThat(new MongoServerError({ message: 'x', code: 13 })), { code: 'ledger_unavailable' })
})

test('what a paused subscription missed is skipped when its user does not want it; all that waits for another reason stays', async t => {
  const { tenant, row, subscriptionId } = newTenant()
  const held = { status: 'held', updatedAt: now } as const
  const others = row('e-1', { subscriptionId: `${subscriptionId}_2`, ...held, reason: 'paused' })
  const missed = [
    row('held', { ...held, reason: 'paused' }),
    row('disabled', { ...held, reason: 'disabled' }),
    row('turn', { ...held, reason: 'waiting_turn', nextAttemptAt: null }),
  ]
  const kept = [
    row('circuit', { ...held, reason: 'circuit_open' }),
    row('capacity', { ...held, reason: 'over_capacity' }),
    row('rate', { ...held, reason: 'rate_limited' }),
    row('later', { ...held, reason: 'retry_after' }),
    row('earlier-pause', { ...held, reason: 'paused', updatedAt: now - 1 }),
    row('earlier-turn', { ...held, reason: 'waiting_turn', nextAttemptAt: null, updatedAt: now - 1 }),
  ]
  await insertAll([row('pending'), ...missed, ...kept, others])
  t.is(await ledger().deliveries.skipHeld(subscriptionId, now, now + 7_000), 3)
  for (const each of kept) t.deepEqual(await ledger().deliveries.get(tenant, each.id), each)
  const skipped = await ledger().deliveries.get(tenant, row('held').id)
  t.like(skipped, { status: 'cancelled', reason: 'skipped', nextAttemptAt: null, updatedAt: now + 7_000, revision: 2 })
  t.is(skipped?.body, undefined)
  t.deepEqual(await ledger().deliveries.get(tenant, row('pending').id), row('pending'))
  t.deepEqual(await ledger().deliveries.get(tenant, others.id), others)
})

test('rows older than the subscription allows are dead and keep their body; those that a user sent again go on', async t => {
  const { tenant, row, subscriptionId } = newTenant()
  const others = row('e-1', { subscriptionId: `${subscriptionId}_2`, createdAt: 1 })
  const kept = [
    row('young', { createdAt: 1_000 }),
    row('replayed', { createdAt: 1, kind: 'replay' }),
    row('resent', { createdAt: 1, earlierAttempts: 0 }),
    row('done', { createdAt: 1, ...final }),
    others,
  ]
  const old = row('old', { createdAt: 999, attempts: [attempt(1)] })
  await insertAll([...kept, old])
  t.is(await ledger().deliveries.expire(subscriptionId, 1_000, now + 7_000), 1)
  const dead = { status: 'dead', reason: 'expired', nextAttemptAt: null, updatedAt: now + 7_000, revision: 2 } as const
  t.deepEqual(await ledger().deliveries.get(tenant, old.id), { ...old, ...dead })
  t.deepEqual((await stored(old.id))?.expireAt, new Date(now + 7_000 + 366 * dayMs))
  for (const each of kept) t.deepEqual(await ledger().deliveries.get(tenant, each.id), each)
  await ledger().deliveries.remove(old.id)
  t.is(await ledger().deliveries.get(tenant, old.id), null)
  t.is((await ledger().deliveries.list({ tenant, limit: 9 })).length, kept.length)
})

test('in the order of a visit the oldest waiting row is next, and a row with a due time is active', async t => {
  const { row, subscriptionId } = newTenant()
  const waiting = { status: 'held', reason: 'waiting_turn', nextAttemptAt: null, ordered: true } as const
  await insertAll([
    row('a1', { visitId: 'a', streamSequence: 1, ordered: true }),
    row('a2', { visitId: 'a', streamSequence: 2, ...waiting }),
    row('b2', { visitId: 'b', streamSequence: 5, ...waiting }),
    row('b1', { visitId: 'b', streamSequence: 4, ...waiting }),
    row('b0', { visitId: 'b', streamSequence: 3, ordered: true, ...final }),
    row('free', { visitId: 'c', streamSequence: 6 }),
    row('others', { visitId: 'b', streamSequence: 0, ...waiting, subscriptionId: `${subscriptionId}_2` }),
    row('late', { visitId: 'd', streamSequence: 7, ...waiting }),
    row('later', { visitId: 'd', streamSequence: 8, ...waiting, nextAttemptAt: 9 }),
  ])
  t.deepEqual(await ledger().visitOrder.openVisits(subscriptionId), {
    visits: [
      { visitId: 'a', open: 2, active: true },
      { visitId: 'b', open: 2, active: false },
      { visitId: 'd', open: 2, active: true },
    ],
    complete: true,
  })
  t.deepEqual(await ledger().visitOrder.next(subscriptionId, 'a'), { row: null, active: true })
  const b1 = row('b1', { visitId: 'b', streamSequence: 4, ...waiting })
  t.deepEqual(await ledger().visitOrder.next(subscriptionId, 'b'), { row: b1, active: false })
  t.deepEqual(await ledger().visitOrder.next(subscriptionId, 'c'), { row: null, active: false })
})

test('of a long backlog the oldest 2,000 rows are read, and it is said that there are more', async t => {
  const { row, subscriptionId } = newTenant()
  const waiting = { status: 'held', reason: 'waiting_turn', nextAttemptAt: null, ordered: true } as const
  const rows = Array.from({ length: 2_000 }, (_, n) => toDocument(row(`e-${n}`, { ...waiting, streamSequence: n })))
  const deliveries = ledger().db.collection<DeliveryDocument>('deliveries')
  await deliveries.insertMany([...rows, toDocument(row('last', { ...waiting, visitId: 'z', streamSequence: 9_999 }))])
  const oldest = { visitId: 'visit-1', open: 2_000, active: false }
  t.deepEqual(await ledger().visitOrder.openVisits(subscriptionId), { visits: [oldest], complete: false })
  await deliveries.deleteMany({ _id: { $in: rows.slice(0, 2).map(({ _id }) => _id) } })
  t.true((await ledger().visitOrder.openVisits(subscriptionId)).complete)
})
