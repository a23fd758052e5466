import test from 'ava'
import { type Collection, MongoBulkWriteError, MongoServerError } from 'mongodb'
import { attempt, ledgerOfFile, newTenant, now, overtaken } from '../../test/support/ledger.ts'
import type { Delivery } from '../domain/delivery.ts'
import { isFailure } from '../domain/failure.ts'
import { dayMs } from '../domain/time.ts'
import { createDeliveryBatches } from './delivery-batches.ts'
import { type DeliveryDocument, toDocument } from './delivery-document.ts'
import { insertAll, replaceAll } from './delivery-writes.ts'

const ledger = ledgerOfFile()
const deliveries = () => ledger().deliveries
const collection = () => ledger().db.collection<DeliveryDocument>('deliveries')
const delivered = { status: 'delivered', nextAttemptAt: null } as const
const insert = async (...rows: readonly Delivery[]) => void (await collection().insertMany(rows.map(toDocument)))

test('rows written together are each inserted once, in batches; a row that exists is merged with the new one', async t => {
  const { tenant, row } = newTenant()
  const rows = Array.from({ length: 600 }, (_, index) => row(`e-${index}`))
  t.deepEqual(await Promise.all(rows.map(deliveries().insert)), rows)
  t.is(await collection().countDocuments({ tenant }), 600)
  const [met, , reached] = await Promise.all(
    [
      row('e-1', { status: 'dead', nextAttemptAt: null, attempts: [attempt(1)] }),
      row('new'),
      row('e-2', { ...delivered, attempts: [attempt(1)] }),
    ].map(deliveries().insert),
  )
  t.deepEqual(met, row('e-1', { attempts: [attempt(1)], revision: 2 }), 'theirs stands, with what we tried')
  t.like(reached, { status: 'delivered', revision: 2 }, 'what reached the receiver is delivered')
  t.deepEqual(await deliveries().get(tenant, row('e-1').id), met)
  t.deepEqual(await deliveries().get(tenant, row('e-2').id), reached)
  t.deepEqual(await deliveries().existing([row('e-1').id, row('no').id]), new Set([row('e-1').id]))
})

test('an insert whose answer was lost may be repeated, and changes nothing', async t => {
  const { tenant, row } = newTenant()
  t.deepEqual(await deliveries().insert(row('e-1')), row('e-1'))
  t.deepEqual(await deliveries().insert(row('e-1')), row('e-1'))
  t.deepEqual(await deliveries().get(tenant, row('e-1').id), row('e-1'))
})

test('only the same write counts as repeated: another time, status or attempt is a conflict', async t => {
  for (const change of [{ updatedAt: now + 9 }, { status: 'held' as const }, { attempts: [attempt(1)] }]) {
    const { row } = newTenant()
    await deliveries().insert(row('e-1'))
    t.is((await deliveries().insert(row('e-1', change))).revision, 2, JSON.stringify(change))
  }
})

test('an update replaces the previous revision; a write that conflicts with a user’s change keeps both', async t => {
  const { tenant, row } = newTenant()
  await insert(...['a', 'b', 'c'].map(event => row(event)))
  const next = { revision: 2, updatedAt: now + 9, attempts: [attempt(1)] }
  const alone = row('c', { ...next, nextAttemptAt: 900 })
  t.deepEqual(await deliveries().update(alone), alone)
  t.deepEqual(await deliveries().get(tenant, alone.id), alone)
  for (const event of ['a', 'b']) t.is((await deliveries().cancel(row(event), now + 5))?.status, 'cancelled')
  const [a, b] = await Promise.all([
    deliveries().update(row('a', { ...next, ...delivered })),
    deliveries().update(row('b', { ...next, nextAttemptAt: 9 })),
  ])
  t.like(a, { status: 'delivered', revision: 3 })
  t.like(b, { status: 'cancelled', reason: 'cancelled', nextAttemptAt: null, revision: 3, attempts: [attempt(1)] })
  for (const each of [a, b]) t.deepEqual(await deliveries().get(tenant, each.id), each)
  t.deepEqual(await deliveries().update(a), a, 'and a write whose answer was lost may be repeated')
})

test('a row that was removed while it was attempted stays removed', async t => {
  const { tenant, row } = newTenant()
  const ours = row('e-1', { revision: 2 })
  t.deepEqual(await deliveries().update(ours), ours)
  t.is(await deliveries().get(tenant, ours.id), null)
})

test('a merge that another writer overtakes begins again from what is stored', async t => {
  const { tenant, row } = newTenant()
  await insert(row('e-1', { revision: 5 }))
  const change = { $set: { reason: 'resent', revision: 6 } } as const
  const racing = overtaken(collection(), 'replaceOne', () => collection().updateOne({ _id: row('e-1').id }, change))
  const batches = createDeliveryBatches(racing, { batchWritten: () => undefined })
  const merged = await batches.update(row('e-1', { revision: 2, attempts: [attempt(1)] }))
  t.like(merged, { revision: 7, reason: 'resent' })
  t.is(merged.attempts.length, 1)
  t.deepEqual(await deliveries().get(tenant, merged.id), merged)
})

test('a row that its validator refuses is rejected, and does not affect the others of its batch', async t => {
  const { row } = newTenant()
  const bad = { status: 'lost' as never }
  const rows = [row('good'), row('bad', bad), row('taken'), row('fine')]
  await insert(row('taken', { revision: 3 }))
  const [first, second, ...others] = await insertAll(collection(), rows)
  t.deepEqual([first, ...others], ['written', 'conflict', 'written'])
  t.like(second, { code: 'internal', message: 'The ledger refuses this document (121).' })
  const updates = ['fine', 'good'].map(event => row(event, { revision: 2, ...(event === 'fine' ? bad : {}) }))
  const [fine, good] = await replaceAll(collection(), updates)
  t.like(fine, { code: 'internal', message: 'The ledger refuses this document (121).' })
  t.is(good, 'conflict', 'it was written after the bad one, and is found stored by the merge')
  t.deepEqual(await replaceAll(collection(), [row('good', { revision: 3 })]), ['written'])
  const [rejected, stored] = await Promise.allSettled([row('bad', bad), row('e-1')].map(deliveries().insert))
  t.deepEqual([rejected?.status, stored?.status], ['rejected', 'fulfilled'])
})

const writeError = (code: number) => ({ index: 0, code, errmsg: 'x' })
const bulkError = (codes: readonly number[], concern?: object) =>
  new MongoBulkWriteError(
    { message: 'x', code: 1, writeErrors: codes.map(writeError) } as never,
    {
      getWriteConcernError: () => concern,
    } as never,
  )
const rejecting = (error: Error) => async () => {
  throw error
}
const failing = (error: Error) =>
  ({
    insertMany: rejecting(error),
    bulkWrite: rejecting(error),
  }) as unknown as Collection<DeliveryDocument>

test('a batch whose durability is unknown is not reported as written, whatever else is wrong with it', async t => {
  const { row } = newTenant()
  const unknown = [
    bulkError([]),
    bulkError([11_000], { code: 64, errmsg: 'waiting for replication timed out' }),
    new MongoServerError({ message: 'not primary', code: 10_107 }),
    new TypeError('a defect'),
  ]
  for (const error of unknown)
    for (const write of [insertAll, replaceAll]) t.is(await t.throwsAsync(write(failing(error), [row('e-1')])), error)
  const batches = createDeliveryBatches(failing(bulkError([])), { batchWritten: () => undefined })
  for (const write of [batches.insert, batches.update])
    t.true(isFailure(await t.throwsAsync(write(row('e-1'))), 'ledger_unavailable'))
})

test('an error of one row is its own: the others are written, and a row that the server could not write is sent again alone', async t => {
  const { row } = newTenant()
  const rows = ['a', 'b', 'c', 'd'].map(event => row(event))
  const errors = [11_000, 10_107, 121].map((code, index) => ({ ...writeError(code), index }))
  const error = new MongoBulkWriteError(
    { message: 'x', code: 1, writeErrors: errors } as never,
    {
      getWriteConcernError: () => undefined,
    } as never,
  )
  const [taken, unsure, bad, good] = await insertAll(failing(error), rows)
  t.deepEqual([taken, good], ['conflict', 'written'])
  t.true(isFailure(unsure, 'ledger_unavailable'))
  t.true(isFailure(bad, 'internal'))
})

test('a row that the driver cannot send fails alone: of a batch of five hundred, all others are written', async t => {
  const { tenant, row } = newTenant()
  const rows = Array.from({ length: 500 }, (_, index) => row(`e-${index}`))
  const endless: { self?: object } = {}
  endless.self = endless
  rows[250] = row('e-250', { attempts: [{ ...attempt(1), extra: endless } as never] })
  const results = await Promise.allSettled(rows.map(deliveries().insert))
  t.deepEqual(
    results.flatMap((result, index) => (result.status === 'rejected' ? [index] : [])),
    [250],
  )
  t.is(await collection().countDocuments({ tenant }), 499)
})

test('the observer receives each batch with its kind, its rows and its duration', async t => {
  const { row } = newTenant()
  const seen: unknown[][] = []
  const batches = createDeliveryBatches(collection(), {
    batchWritten: (kind, rows, tookMs) => void seen.push([kind, rows, tookMs >= 0 && tookMs < 60_000]),
  })
  await Promise.all(['a', 'b', 'c'].map(event => batches.insert(row(event))))
  await Promise.all(['a', 'b'].map(event => batches.update(row(event, { revision: 2 }))))
  t.deepEqual(seen, [
    ['insert', 3, true],
    ['update', 2, true],
  ])
})

test('a final row that is sent again starts a new round with the new content; a delivered one is marked as a replay', async t => {
  const { tenant, row } = newTenant()
  const before = {
    nextAttemptAt: null,
    attempts: [attempt(1), attempt(2)],
    ordered: true,
    ownFaults: 2,
    replayId: 'rpl_1',
    statusBefore: 'dead',
    reasonBefore: 'exhausted',
  } as const
  const again = {
    status: 'pending',
    reason: 'resent',
    nextAttemptAt: now + 7_000,
    updatedAt: now + 7_000,
    revision: 2,
  } as const
  const all = [
    [row('dead', { ...before, status: 'dead', reason: 'exhausted' }), {}],
    [row('cancelled', { ...before, status: 'cancelled' }), {}],
    [row('delivered', { ...before, status: 'delivered' }), { kind: 'replay' }],
  ] as const
  await insert(...all.map(([each]) => each))
  for (const [each, kind] of all) {
    const { ordered: _, ownFaults: __, replayId: ___, statusBefore: ____, reasonBefore: _____, ...kept } = each
    const expected = { ...kept, ...again, ...kind, body: '{"new":1}', earlierAttempts: 2 }
    t.deepEqual(await deliveries().resend(each, '{"new":1}', now + 7_000), expected)
    t.deepEqual(await deliveries().get(tenant, each.id), expected)
    const stored = await collection().findOne({ _id: each.id })
    t.deepEqual([stored?.open, stored?.expireAt], [true, new Date(now + 7_000 + 40 * dayMs)], 'it waits again')
  }
  const fresh = row('fresh', { ...delivered })
  await insert(fresh)
  t.is((await deliveries().resend(fresh, '{}', 1))?.earlierAttempts, 0)
})

test('a waiting row that is sent again is due now, in a new round of attempts, and otherwise unchanged', async t => {
  const { row } = newTenant()
  const due = { nextAttemptAt: 50, updatedAt: 50, revision: 2 }
  const held = row('e-1', { status: 'held', reason: 'paused', nextAttemptAt: 900 })
  const { ownFaults: _, ...pending } = row('e-2', {
    nextAttemptAt: 900,
    ownFaults: 3,
    attempts: [attempt(1), attempt(2)],
  })
  await insert(held, { ...pending, ownFaults: 3 })
  t.deepEqual(await deliveries().resend(held, '{"new":1}', 50), { ...held, ...due, earlierAttempts: 0 })
  t.deepEqual(await deliveries().resend(pending, '{"new":1}', 50), { ...pending, ...due, earlierAttempts: 2 })
})

test('a row that changed after a user read it, or was delivered, is neither cancelled nor sent again', async t => {
  const { tenant, row } = newTenant()
  const [seen, current] = [row('e-1'), row('e-1', { ...delivered, revision: 2 })]
  await insert(current)
  t.is(await deliveries().cancel(seen, now + 7_000), null)
  t.is(await deliveries().resend(seen, '{}', now + 7_000), null)
  t.is(await deliveries().cancel(current, now + 7_000), null, 'also when its revision is known')
  t.deepEqual(await deliveries().get(tenant, current.id), current)
  const both = row('e-2')
  await insert(both)
  const answers = await Promise.all([deliveries().cancel(both, now), deliveries().resend(both, '{}', now)])
  t.is(answers.filter(answer => answer === null).length, 1, 'of two users one is first')
})

test('a cancelled row is final, without content, and is removed after 366 days', async t => {
  const { tenant, row } = newTenant()
  await insert(row('e-1'))
  const { body: _, ...rest } = row('e-1')
  const ended = { status: 'cancelled', reason: 'cancelled', nextAttemptAt: null } as const
  const expected = { ...rest, ...ended, updatedAt: now + 7_000, revision: 2 }
  t.deepEqual(await deliveries().cancel(row('e-1'), now + 7_000), expected)
  t.deepEqual(await deliveries().get(tenant, rest.id), expected)
  const stored = await collection().findOne({ _id: rest.id })
  t.deepEqual([stored?.open, stored?.expireAt], [undefined, new Date(now + 7_000 + 366 * dayMs)])
})

test('cancelling the active delivery of an ordered visit makes its next one due, and no other', async t => {
  const { tenant, row, subscriptionId } = newTenant()
  const ordered = { ordered: true, visitId: 'v' } as const
  const turn = { ...ordered, status: 'held', reason: 'waiting_turn', nextAttemptAt: null } as const
  const others = [
    row('third', { ...turn, streamSequence: 4 }),
    row('free', { visitId: 'v', streamSequence: 1, nextAttemptAt: 900 }),
    row('done', { ...ordered, ...delivered, streamSequence: 0 }),
    row('visit', { ...turn, visitId: 'w', streamSequence: 1 }),
    row('sub', { ...turn, streamSequence: 1, subscriptionId: `${subscriptionId}_2` }),
  ]
  const [active, next] = [
    row('first', { ...ordered, streamSequence: 2 }),
    row('second', { ...turn, streamSequence: 3 }),
  ]
  await insert(...others, next, active)
  t.is((await deliveries().cancel(active, now + 7_000))?.status, 'cancelled')
  const due = { ...next, nextAttemptAt: now + 7_000, updatedAt: now + 7_000, revision: 2 }
  t.deepEqual(await deliveries().get(tenant, next.id), due)
  for (const each of others) t.deepEqual(await deliveries().get(tenant, each.id), each)

  t.is((await deliveries().cancel(others[0] as Delivery, now + 8_000))?.status, 'cancelled')
  t.deepEqual(await deliveries().get(tenant, next.id), due, 'one that waited for its turn changes nothing')
})

test('cancelling a delivery without an order makes no other one due', async t => {
  const { tenant, row } = newTenant()
  const turn = row('turn', { ordered: true, status: 'held', reason: 'waiting_turn', nextAttemptAt: null })
  await insert(row('free'), turn)
  await deliveries().cancel(row('free'), now + 7_000)
  t.deepEqual(await deliveries().get(tenant, turn.id), turn)
})
