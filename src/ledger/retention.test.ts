import test from 'ava'
import { attempt, ledgerOfFile, newTenant, now, overtaken } from '../../test/support/ledger.ts'
import type { Delivery } from '../domain/delivery.ts'
import { dayMs } from '../domain/time.ts'
import { type DeliveryDocument, toDocument } from './delivery-document.ts'
import { createRetention, type TenantRetention } from './retention.ts'

const ledger = ledgerOfFile()
const collection = () => ledger().db.collection<DeliveryDocument>('deliveries')
const insert = async (rows: readonly Delivery[]) => void (await collection().insertMany(rows.map(toDocument)))
const before = now - 7 * dayMs
const old = { createdAt: before - 1 }
const answered = attempt(1, { response: 'Anna is not known' })
const { response: _, ...silent } = answered
const final = { status: 'delivered', nextAttemptAt: null } as const
const own = (tenant: string, contentRemovedTo = 0): TenantRetention => ({ tenant, own: {}, contentRemovedTo })

test('a row that waits when its payload’s days are over is dead; a final one loses its body and answers; a younger one nothing', async t => {
  const { tenant, row, subscriptionId } = newTenant()
  const second = `${subscriptionId}_2`
  const [pending, held, other] = [
    row('pending', { ...old, attempts: [answered] }),
    row('held', { ...old, status: 'held', reason: 'paused' }),
    row('other', { ...old, subscriptionId: second, body: undefined as never }),
  ]
  const [dead, done] = [
    row('dead', { ...old, status: 'dead', reason: 'exhausted', nextAttemptAt: null }),
    row('done', { ...old, ...final, body: undefined as never, attempts: [answered, attempt(2)] }),
  ]
  const kept = [
    row('bare', { ...old, ...final, body: undefined as never, attempts: [silent] }),
    row('young', { createdAt: before }),
    row('late', { createdAt: before - 3 * dayMs }),
  ]
  await insert([pending, held, other, dead, done, ...kept])
  const removed = await ledger().retention.removeContent(own(tenant, before - dayMs), before, now)
  t.deepEqual(removed, {
    ended: new Map([
      [subscriptionId, 2],
      [second, 1],
    ]),
    contents: 2,
    more: false,
  })
  const get = (each: Delivery) => ledger().deliveries.get(tenant, each.id)
  const ended = {
    ...({ status: 'dead', reason: 'content_expired', contentGone: 'retention', nextAttemptAt: null } as const),
    updatedAt: now,
    revision: 2,
  }
  const { body: __, ...withoutBody } = pending
  t.deepEqual(await get(pending), { ...withoutBody, ...ended, attempts: [silent] })
  t.like(await get(held), { ...ended, body: undefined })
  t.like(await get(other), ended)
  const stored = await collection().findOne({ _id: pending.id })
  t.deepEqual([stored?.open, stored?.expireAt], [undefined, new Date(now + 366 * dayMs)])
  const stripped = { contentGone: 'retention', body: undefined, revision: 2, updatedAt: now } as const
  t.like(await get(dead), { ...stripped, status: 'dead', reason: 'exhausted' })
  t.like(await get(done), { ...stripped, status: 'delivered', attempts: [silent, attempt(2)] })
  for (const each of kept) t.like(await get(each), { revision: 1, contentGone: undefined, status: each.status })
  const again = await ledger().retention.removeContent(own(tenant, before - dayMs), before, now)
  t.deepEqual(again, { ended: new Map(), contents: 0, more: false }, 'a second pass finds nothing')
})

test('a pass looks back one day behind the previous one, for writes that were under way', async t => {
  const { tenant, row } = newTenant()
  await insert([row('in', { createdAt: before - dayMs }), row('out', { createdAt: before - dayMs - 1 })])
  await ledger().retention.removeContent(own(tenant, before), before, now)
  t.is((await ledger().deliveries.get(tenant, row('in').id))?.status, 'dead')
  t.is((await ledger().deliveries.get(tenant, row('out').id))?.status, 'pending')
})

test('content and rows are removed in batches of 500, and each says whether more is left', async t => {
  const { tenant, row, subscriptionId } = newTenant()
  await insert(Array.from({ length: 501 }, (_value, n) => row(`e-${n}`, old)))
  const { retention } = ledger()
  const batch = async () => {
    const { ended, more } = await retention.removeContent(own(tenant), before, now)
    return [ended.get(subscriptionId), more]
  }
  t.deepEqual(await batch(), [500, true])
  t.deepEqual(await batch(), [1, false])
  t.deepEqual(await retention.removeRows(tenant, before), { removed: 500, more: true })
  t.deepEqual(await retention.removeRows(tenant, before), { removed: 1, more: false })
  t.deepEqual(await retention.removeRows(tenant, before), { removed: 0, more: false })
})

test('a row that ends or is sent again between the two steps of a batch keeps its state', async t => {
  const { tenant, row, subscriptionId } = newTenant()
  const [first, second, removed] = ['first', 'second', 'removed'].map(event => row(event, { ...old, ...final })) as [
    Delivery,
    Delivery,
    Delivery,
  ]
  await insert([row('ends', old), first, second, removed])
  const tenants = ledger().db.collection<{ _id: string }>('tenants')
  const during = overtaken(collection(), 'updateMany', async () => {
    await ledger().deliveries.cancelAll(subscriptionId, 'subscription_deleted', now)
    await ledger().deliveries.resend(first, '{}', now)
  })
  const { ended } = await createRetention(tenants, during).removeContent(own(tenant), before, now)
  t.deepEqual(ended, new Map([[subscriptionId, 0]]))
  t.like(await ledger().deliveries.get(tenant, row('ends').id), { reason: 'subscription_deleted', revision: 2 })
  t.like(await ledger().deliveries.get(tenant, first.id), { status: 'pending', body: '{}', revision: 2 })

  const meanwhile = (await ledger().deliveries.get(tenant, second.id)) ?? second
  const late = overtaken(collection(), 'deleteMany', () => ledger().deliveries.resend(meanwhile, '{}', now))
  t.deepEqual(await createRetention(tenants, late).removeRows(tenant, before), { removed: 2, more: false })
  t.like(await ledger().deliveries.get(tenant, second.id), { status: 'pending', body: '{}' })
  t.is(await ledger().deliveries.get(tenant, removed.id), null)
})

test('final rows older than the log’s days are removed, the oldest first; a row that waits is not', async t => {
  const { tenant, row } = newTenant()
  const rows = [row('open', old), row('young', { createdAt: before, ...final }), row('old', { ...old, ...final })]
  await insert(rows)
  t.deepEqual(await ledger().retention.removeRows(tenant, before), { removed: 1, more: false })
  const left = await ledger().deliveries.list({ tenant, limit: 9 })
  t.deepEqual(left.map(({ eventId }) => eventId).toSorted(), ['open', 'young'])
})

test('rows that wait do not keep the final rows behind them from their removal, however many wait', async t => {
  const { tenant, row } = newTenant()
  const waiting = Array.from({ length: 500 }, (_value, n) => row(`open-${n}`, { createdAt: before - 2 }))
  await insert([...waiting, row('old', { ...old, ...final })])
  t.deepEqual(await ledger().retention.removeRows(tenant, before), { removed: 1, more: false })
})

test('a tenant’s own retention is replaced as a whole, its progress never goes back, and both are listed in the order of ids', async t => {
  const { retention, tenants } = ledger()
  const [a, b] = ['a', 'b'].map(end => `0-${newTenant().tenant}-${end}`).toSorted() as [string, string]
  for (const id of [b, a]) await tenants.put(id, 'x', now)
  t.deepEqual(await retention.get(a), own(a))
  t.is(await retention.get('none'), null)
  await retention.put(a, { payloadDays: 20, logDays: 40 })
  await retention.put(a, { payloadDays: 19 })
  await retention.contentRemoved(a, 50)
  await retention.contentRemoved(a, 40)
  const ofA = { tenant: a, own: { payloadDays: 19 }, contentRemovedTo: 50 }
  t.deepEqual(await retention.get(a), ofA)
  t.is((await tenants.get(a))?.name, 'x')
  t.deepEqual(await retention.list('0', 2), [ofA, own(b)])
  t.deepEqual(await retention.list(a, 1), [own(b)])
  await retention.put('none', { payloadDays: 30 })
  t.is(await retention.get('none'), null, 'no tenant is created')
  t.is(await retention.longestPayloadDays(), 19)
  await retention.put(b, { logDays: 365 })
  t.is(await retention.longestPayloadDays(), 19)
  await retention.put(a, {})
  t.is(await retention.longestPayloadDays(), 0)
})
