import test from 'ava'
import { freshLedger, takeLedger } from '../../test/support/databases.ts'
import { freshName, mongodbUrl } from '../../test/support/servers.ts'
import type { Delivery } from '../domain/delivery.ts'
import { defaultRetry } from '../domain/retry.ts'
import type { Subscription } from '../domain/subscription.ts'
import { startDirectory } from './directory.ts'
import { openLedger } from './ledger.ts'
import { noObserver } from './observer.ts'

const log = { warn: () => undefined }

const row = (event: string, change: Partial<Delivery> = {}): Delivery => ({
  id: `${event}.sub_1`,
  tenant: 'acme',
  partition: 1,
  subscriptionId: 'sub_1',
  eventId: event,
  visitId: 'visit-1',
  type: 'visit.created',
  streamSequence: 1,
  status: 'pending',
  nextAttemptAt: 100,
  attempts: [],
  revision: 1,
  body: '{}',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  createdAt: Date.now(),
  updatedAt: 0,
  ...change,
})

const subscription = (id: string, change: Partial<Subscription> = {}): Subscription => ({
  id,
  tenant: 'acme',
  url: 'https://receiver.example/',
  eventTypes: ['visit.*'],
  status: 'active',
  retry: defaultRetry,
  timeoutMs: 10_000,
  maxInFlight: 8,
  ordering: 'none',
  payload: 'full',
  propagateTrace: false,
  sealedSecret: 'sealed',
  version: 1,
  createdAt: 1,
  updatedAt: 1,
  ...change,
})

test('rows written together are each inserted once; a row that exists is merged with the new one', async t => {
  const { deliveries } = await takeLedger(t)
  const rows = Array.from({ length: 1_200 }, (_, index) => row(`e-${index}`))
  t.deepEqual(await Promise.all(rows.map(deliveries.insert)), rows)
  const attempt = { number: 1, at: 1, tookMs: 1, url: '', traceId: '', spanId: 'b' }
  const [met, , delivered] = await Promise.all(
    [
      row('e-1', { status: 'dead', nextAttemptAt: null, attempts: [attempt] }),
      row('new'),
      row('e-2', { status: 'delivered', nextAttemptAt: null, attempts: [attempt] }),
    ].map(deliveries.insert),
  )
  t.like(met, { status: 'pending', revision: 2 }, 'theirs stands')
  t.is(met?.attempts.length, 1, 'with what we tried')
  t.like(delivered, { status: 'delivered', revision: 2 }, 'what reached the receiver is delivered')
  t.deepEqual(await deliveries.get('acme', 'e-1.sub_1'), met)
  t.deepEqual(await deliveries.existing(['e-1.sub_1', 'noObserver.sub_1']), new Set(['e-1.sub_1']))
})

test('due rows are read oldest first, final ones never, and the time of the next one is known', async t => {
  const { deliveries } = await takeLedger(t)
  const waiting = [
    row('late', { nextAttemptAt: 900 }),
    row('b', { nextAttemptAt: 200 }),
    row('a', { nextAttemptAt: 100 }),
  ]
  const held = row('held', { status: 'held', reason: 'over_capacity', nextAttemptAt: 150 })
  const done = row('done', { status: 'delivered', nextAttemptAt: null })
  await Promise.all([...waiting, held, done].map(deliveries.insert))
  t.deepEqual(
    (await deliveries.due('sub_1', 500, 10)).map(({ eventId }) => eventId),
    ['a', 'held', 'b'],
  )
  t.is(await deliveries.nextDueAt('sub_1', 500), 900)
  const backlogs = await deliveries.backlogs(['sub_1', 'sub_idle'])
  t.like(backlogs.get('sub_1'), { pending: 3, held: 1 })
  t.is(backlogs.size, 1, 'nothing waits for the other one')
  await deliveries.update({ ...held, status: 'delivered', nextAttemptAt: null, revision: 2 })
  t.deepEqual(
    (await deliveries.due('sub_1', 500, 10)).map(({ eventId }) => eventId),
    ['a', 'b'],
  )
})

test('due rows are read from the partial index, regardless of the number of delivered rows', async t => {
  const { deliveries, db } = await takeLedger(t)
  await Promise.all(
    Array.from({ length: 300 }, (_, index) =>
      deliveries.insert(row(`d-${index}`, { status: 'delivered', nextAttemptAt: null })),
    ),
  )
  await deliveries.insert(row('open'))
  const query = { subscriptionId: 'sub_1', open: true, nextAttemptAt: { $lte: 500 } }
  const plan = await db.collection('deliveries').find(query).sort({ nextAttemptAt: 1 }).explain('executionStats')
  t.is(plan['executionStats'].totalKeysExamined, 1)
})

test('subscriptions with waiting rows are found, each once', async t => {
  const { deliveries } = await takeLedger(t)
  const rows = ['b', 'a', 'c'].flatMap(sub =>
    [1, 2, 3].map(n => row(`e-${n}`, { id: `e-${n}.${sub}`, subscriptionId: sub })),
  )
  await Promise.all(
    [...rows, row('done', { id: 'done.z', subscriptionId: 'z', status: 'dead', nextAttemptAt: null })].map(
      deliveries.insert,
    ),
  )
  t.deepEqual(await deliveries.backlogged(), ['a', 'b', 'c'])
  t.is(await deliveries.cancelAll('b', 'subscription_deleted', 5), 3)
  t.deepEqual(await deliveries.backlogged(), ['a', 'c'])
})

test('lists come newest first in pages, by event, visit and status', async t => {
  const { deliveries } = await takeLedger(t)
  const rows = Array.from({ length: 5 }, (_, index) =>
    row(`e-${index}`, { createdAt: 1_000 + index, visitId: `v-${index % 2}` }),
  )
  await Promise.all(
    [...rows, row('e-1', { id: 'e-1.sub_2', subscriptionId: 'sub_2', createdAt: 1_001 })].map(deliveries.insert),
  )
  const first = await deliveries.list({ tenant: 'acme', limit: 4 })
  t.deepEqual(
    first.map(({ id }) => id),
    ['e-4.sub_1', 'e-3.sub_1', 'e-2.sub_1', 'e-1.sub_2'],
  )
  const last = first.at(-1)
  const rest = await deliveries.list({
    tenant: 'acme',
    limit: 4,
    before: { createdAt: last?.createdAt ?? 0, id: last?.id ?? '' },
  })
  t.deepEqual(
    rest.map(({ id }) => id),
    ['e-1.sub_1', 'e-0.sub_1'],
  )
  t.is((await deliveries.list({ tenant: 'acme', eventId: 'e-1', limit: 9 })).length, 2)
  t.is((await deliveries.list({ tenant: 'acme', visitId: 'v-1', limit: 9 })).length, 2)
  t.is((await deliveries.list({ tenant: 'other', limit: 9 })).length, 0)
})

test('a document that breaks its schema is refused by the database itself', async t => {
  const { deliveries, subscriptions } = await takeLedger(t)
  await t.throwsAsync(deliveries.insert(row('e-1', { status: 'lost' as 'dead' })))
  await t.throwsAsync(subscriptions.insert(subscription('s', { timeoutMs: 1 })))
})

test('two processes may open the ledger at the same time, and they agree on the signing keys', async t => {
  const database = freshName('ledger')
  const [one, two] = await Promise.all([freshLedger(t, { database }), freshLedger(t, { database })])
  const key = (kid: string) => ({
    kid,
    alg: 'ES256' as const,
    use: 'current' as const,
    publicJwk: {},
    sealedPrivateJwk: 'x',
    createdAt: 1,
  })
  const [a, b] = await Promise.all([one.keys.insertFirst(key('a')), two.keys.insertFirst(key('b'))])
  t.is(a[0]?.kid, b[0]?.kid)
  t.is((await one.keys.load()).length, 1)
})

test('a second start finds collections and validators up to date and changes none', async t => {
  const { db } = await takeLedger(t)
  const commands = new Set<string>()
  const observer = { ...noObserver, commanded: (operation: string) => void commands.add(operation) }
  const again = await openLedger({ url: mongodbUrl(), database: db.databaseName, observer })
  t.teardown(again.close)
  t.false(commands.has('create') || commands.has('collMod'), [...commands].join())

  await db.command({ collMod: 'tokens', validator: {} })
  const repaired = await openLedger({ url: mongodbUrl(), database: db.databaseName, observer })
  t.teardown(repaired.close)
  t.true(commands.has('collMod'))
  await t.throwsAsync(db.collection('tokens').insertOne({ tenant: 'acme' }), { message: /validation/ })
})

test('a directory holds the existing subscriptions and follows changes and removals', async t => {
  const { subscriptions } = await takeLedger(t)
  await subscriptions.insert(subscription('a'))
  const directory = await startDirectory(subscriptions, log)
  t.teardown(directory.stop)
  t.is(directory.byId('a')?.version, 1)
  t.true(await subscriptions.replace(subscription('a', { version: 2 }), 1))
  t.false(await subscriptions.replace(subscription('a', { version: 2 }), 1), 'a change of what has changed meanwhile')
  await directory.inForce('a', 2)
  t.is(directory.byId('a')?.version, 2)
  await subscriptions.insert(subscription('b'))
  await directory.inForce('b', 1)
  t.deepEqual(
    directory.ofTenant('acme').map(({ id }) => id),
    ['a', 'b'],
  )
  await subscriptions.remove('acme', 'a')
  await directory.inForce('a', Infinity)
  t.deepEqual(
    directory.ofTenant('acme').map(({ id }) => id),
    ['b'],
  )
})

test('a write that conflicts with a user’s change keeps both: a row that was delivered while a user cancelled it is delivered', async t => {
  const { deliveries } = await takeLedger(t)
  const attempt = { number: 1, at: 1, tookMs: 1, url: '', traceId: '', spanId: 'a' }
  const seen = await Promise.all(['a', 'b'].map(event => deliveries.insert(row(event))))
  for (const each of seen) t.is((await deliveries.cancel(each, 5))?.status, 'cancelled')
  const [a, b] = await Promise.all([
    deliveries.update({
      ...(seen[0] ?? row('a')),
      status: 'delivered',
      nextAttemptAt: null,
      revision: 2,
      attempts: [attempt],
    }),
    deliveries.update({
      ...(seen[1] ?? row('b')),
      status: 'pending',
      nextAttemptAt: 9,
      revision: 2,
      attempts: [attempt],
    }),
  ])
  t.like(a, { status: 'delivered', revision: 3 })
  t.like(b, { status: 'cancelled', revision: 3 })
  t.is(b?.attempts.length, 1)
  t.deepEqual(await deliveries.update(a ?? row('a')), a, 'and a write whose answer was lost may be repeated')
})

test('a row that its validator refuses does not affect the others of its batch', async t => {
  const { deliveries } = await takeLedger(t)
  const [bad, good] = await Promise.allSettled([
    deliveries.insert({ ...row('bad'), status: 'lost' as never }),
    deliveries.insert(row('good')),
  ])
  t.deepEqual([bad?.status, good?.status], ['rejected', 'fulfilled'])
})

test('in the order of a visit the oldest waiting row is next, and a row with a due time is active', async t => {
  const { visitOrder, deliveries } = await takeLedger(t)
  const waiting = { status: 'held', reason: 'waiting_turn', nextAttemptAt: null, ordered: true } as const
  await Promise.all(
    [
      row('a1', { visitId: 'a', streamSequence: 1, ordered: true }),
      row('a2', { visitId: 'a', streamSequence: 2, ...waiting }),
      row('b2', { visitId: 'b', streamSequence: 5, ...waiting }),
      row('b1', { visitId: 'b', streamSequence: 4, ...waiting }),
      row('free', { visitId: 'c', streamSequence: 6 }),
    ].map(deliveries.insert),
  )
  t.deepEqual(await visitOrder.openVisits('sub_1'), {
    visits: [
      { visitId: 'a', open: 2, active: true },
      { visitId: 'b', open: 2, active: false },
    ],
    complete: true,
  })
  t.deepEqual(await visitOrder.next('sub_1', 'a'), { row: null, active: true })
  t.is((await visitOrder.next('sub_1', 'b')).row?.eventId, 'b1')
  t.deepEqual(await visitOrder.next('sub_1', 'c'), { row: null, active: false })
})
