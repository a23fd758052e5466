import test from 'ava'
import { attempt, ledgerOfFile, newTenant, now, overtaken } from '../../test/support/ledger.ts'
import type { Delivery } from '../domain/delivery.ts'
import { newErasure } from '../domain/erasure.ts'
import { dayMs } from '../domain/time.ts'
import { type DeliveryDocument, toDocument } from './delivery-document.ts'
import { createEraseRows } from './erase-rows.ts'
import type { ErasureDocument } from './erasures.ts'

const ledger = ledgerOfFile()
const collection = () => ledger().db.collection<DeliveryDocument>('deliveries')
const insert = async (rows: readonly Delivery[]) => void (await collection().insertMany(rows.map(toDocument)))
const answered = attempt(1, { response: 'Anna is not known' })
const { response: _, ...silent } = answered
const final = { status: 'delivered', nextAttemptAt: null } as const

test('every row of every event of a page is erased, however many there are, and no other row', async t => {
  const { tenant, row, subscriptionId } = newTenant()
  const second = `${subscriptionId}_2`
  const rows = Array.from({ length: 120 }, (_value, n) => row(`e-${n}`, { attempts: [answered] }))
  const others = [row('e-1190'), row('f-1')]
  await insert([...rows, row('e-119', { subscriptionId: second, ...final, attempts: [answered] }), ...others])
  const erased = await ledger().eraseRows.eraseEvents(
    tenant,
    rows.map(({ eventId }) => eventId),
    now,
  )
  t.deepEqual(
    { ...erased, subscriptionIds: [...erased.subscriptionIds].toSorted() },
    { deliveries: 121, cancelled: 120, subscriptionIds: [subscriptionId, second] },
  )
  t.is(await collection().countDocuments({ tenant, contentGone: 'erased' }), 121)
  t.is(await collection().countDocuments({ tenant, $or: [{ body: { $exists: true } }, { open: true }] }), 2)
  t.is(await collection().countDocuments({ tenant, 'attempts.response': { $exists: true } }), 0)
  for (const each of others) t.deepEqual(await ledger().deliveries.get(tenant, each.id), each)
})

test('a waiting row of an erased event is cancelled, a final one keeps its state; a second erasure changes nothing', async t => {
  const { tenant, row } = newTenant()
  const [open, done] = [row('open', { attempts: [answered] }), row('done', { ...final, attempts: [answered] })]
  const retained = row('retained', { ...final, contentGone: 'retention' })
  await insert([open, done, retained])
  const ids = ['open', 'done', 'retained', 'none']
  t.like(await ledger().eraseRows.eraseEvents(tenant, ids, now + 5), { deliveries: 3, cancelled: 1 })
  const { body: __, ...rest } = open
  const cancelled = { status: 'cancelled', reason: 'erased', nextAttemptAt: null, contentGone: 'erased' } as const
  const expected = { ...rest, ...cancelled, attempts: [silent], updatedAt: now + 5, revision: 2 }
  t.deepEqual(await ledger().deliveries.get(tenant, open.id), expected)
  const stored = await collection().findOne({ _id: open.id })
  t.deepEqual([stored?.open, stored?.expireAt], [undefined, new Date(now + 5 + 366 * dayMs)])
  const stripped = { status: 'delivered', contentGone: 'erased', body: undefined, updatedAt: now, revision: 2 } as const
  t.like(await ledger().deliveries.get(tenant, done.id), { ...stripped, attempts: [silent] })
  t.like(await ledger().deliveries.get(tenant, retained.id), stripped)
  const nothing = { deliveries: 0, cancelled: 0, subscriptionIds: [] }
  t.deepEqual(await ledger().eraseRows.eraseEvents(tenant, ids, now + 6), nothing)
  t.deepEqual(await ledger().eraseRows.eraseEvents(tenant, [], now + 6), nothing)
  t.is((await ledger().deliveries.get(tenant, open.id))?.revision, 2)
})

test('a row that ended while it was being erased loses its content and keeps its state', async t => {
  const { tenant, row } = newTenant()
  await insert([row('e-1')])
  const cancel = () => ledger().deliveries.cancelAll(row('e-1').subscriptionId, 'subscription_deleted', now)
  const racing = overtaken(collection(), 'updateMany', cancel)
  t.like(await createEraseRows(racing).eraseEvents(tenant, ['e-1'], now), { deliveries: 1, cancelled: 0 })
  const row1 = await ledger().deliveries.get(tenant, row('e-1').id)
  t.like(row1, { reason: 'subscription_deleted', contentGone: 'erased', body: undefined })
})

test('events about a visitor are found by their bodies in rows whose message is gone from the stream', async t => {
  const { tenant, row, subscriptionId } = newTenant()
  const about = (id: string) => ({ body: JSON.stringify({ data: { visitor: { id } } }) })
  await insert([
    row('one', about('anna')),
    row('one', { ...about('anna'), subscriptionId: `${subscriptionId}_2` }),
    row('two', { ...about('anna'), ...final }),
    row('ben', about('ben')),
    row('gone', { body: undefined as never }),
  ])
  t.deepEqual((await ledger().eraseRows.eventsAbout(tenant, 'anna')).toSorted(), ['one', 'two'])
  const erased = await ledger().eraseRows.eraseEvents(tenant, await ledger().eraseRows.eventsAbout(tenant, 'anna'), now)
  t.is(erased.deliveries, 3)
  t.deepEqual(await ledger().eraseRows.eventsAbout(tenant, 'anna'), [])
})

test('answers that name the visitor’s id are removed from any delivery of the tenant, and no other answer', async t => {
  const { tenant, row } = newTenant()
  const answer = (response: string) => ({ attempts: [attempt(1, { response }), attempt(2)] })
  const named = [row('a', answer('no v.1')), row('b', { ...answer('"v.1"'), ...final }), row('c', answer('v.1'))]
  const elsewhere = 'https://elsewhere.example/guests/v.1'
  named.push(row('d', { attempts: [attempt(1, { response: '', location: elsewhere }), attempt(2)] }))
  const others = ['v.10', 'xv.1', 'v.1-2', '-v.1', 'v.1_', 'va1', 'ben'].map((text, n) => row(`o-${n}`, answer(text)))
  await insert([...named, ...others])
  t.is(await ledger().eraseRows.eraseAnswers(tenant, 'v.1'), 4)
  for (const each of named) {
    const { response: __, location: ___, ...rest } = each.attempts[0] ?? attempt(1)
    const expected = { ...each, attempts: [rest, attempt(2)], revision: 2 }
    t.deepEqual(await ledger().deliveries.get(tenant, each.id), expected)
  }
  for (const each of others) t.deepEqual(await ledger().deliveries.get(tenant, each.id), each)
  t.is(await ledger().eraseRows.eraseAnswers(tenant, 'v.1'), 0)
})

const erasure = (tenant: string, id: string, createdAt = now) =>
  newErasure(`${id}_${tenant}`, tenant, 'anna', createdAt)

test('one erasure runs for a visitor of a tenant: a second request returns it, and a new one may begin after its end', async t => {
  const { erasures } = ledger()
  const { tenant } = newTenant()
  const begun = await Promise.all([erasure(tenant, 'a'), erasure(tenant, 'b')].map(erasures.begin))
  t.deepEqual(begun[0], begun[1])
  const [first = erasure(tenant, 'a')] = begun
  t.deepEqual(await erasures.get(tenant, first.id), first)
  t.is(await erasures.get(tenant, 'none'), null)
  const progress = { ...first, cursor: 5, found: [{ sequence: 4, eventId: null }] }
  await erasures.advance(progress)
  t.deepEqual(await erasures.get(tenant, first.id), progress)
  const done = await erasures.finish(progress, now + 9)
  const expected = { ...progress, visitorId: null, found: [], state: 'done', finishedAt: now + 9 } as const
  t.deepEqual(done, expected, 'the proof does not name the visitor')
  t.deepEqual(await erasures.get(tenant, first.id), expected)
  const documents = ledger().db.collection<ErasureDocument>('erasures')
  t.deepEqual((await documents.findOne({ _id: first.id }))?.expireAt, new Date(now + 9 + 366 * dayMs))
  await erasures.advance(progress)
  await erasures.finish({ ...progress, cursor: 9 }, now + 10)
  t.deepEqual(await erasures.get(tenant, first.id), expected, 'an erasure that is over does not change')
  const again = erasure(tenant, 'c')
  t.deepEqual(await erasures.begin(again), again)
})

test('running erasures are found after a restart, the oldest first', async t => {
  const { erasures } = ledger()
  const [a, b, c] = [newTenant().tenant, newTenant().tenant, newTenant().tenant]
  const [late, early, over] = [erasure(a, 'x', now), erasure(b, 'x', now - 5), erasure(c, 'x', now - 9)]
  for (const each of [late, early, over]) await erasures.begin(each)
  await erasures.finish(over, now)
  const running = (await erasures.running()).filter(({ tenant }) => [a, b, c].includes(tenant))
  t.deepEqual(running, [early, late])
})
