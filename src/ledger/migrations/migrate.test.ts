import { mock } from 'node:test'
import test, { type ExecutionContext } from 'ava'
import { type Collection, type Db, type Document, MongoClient } from 'mongodb'
import { freshLedger } from '../../../test/support/databases.ts'
import { freshName, mongodbUrl } from '../../../test/support/servers.ts'
import { testMigrations } from '../../../test/support/test-migrations.ts'
import { until } from '../../../test/support/until.ts'
import { isFailure } from '../../domain/failure.ts'
import { createLease } from './lease.ts'
import { migrate, type MigrateOptions } from './migrate.ts'
import type { Migration } from './migration.ts'

interface Record {
  readonly _id: string
  readonly doneAt?: number
  readonly tookMs?: number
  readonly holder?: string
  readonly until?: Date
}

/** A database with one document, and what is recorded of its migrations. */
const setUp = async (t: ExecutionContext, documents: readonly Document[] = [{ a: 1 }]) => {
  const client = new MongoClient(mongodbUrl())
  const db = client.db(freshName('migrations'))
  t.teardown(async () => {
    await db.dropDatabase()
    await client.close()
  })
  if (documents.length > 0) await db.collection('deliveries').insertMany([...documents])
  const records = db.collection<Record>('migrations')
  const ids = async () => (await records.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id)
  return { db, records, ids, client }
}

/** Migrations that write down what they do. */
const steps = (...names: string[]) => {
  const ran: string[] = []
  const migrations = names.map((id): Migration => ({ id, run: async () => ran.push(id) }))
  return { ran, migrations }
}
const never = (t: ExecutionContext) => async () => t.fail('there is nothing to wait for')

test('documents are brought to the form of this version before the ledger opens, once and in order', async t => {
  const at = Date.parse('2026-03-02T08:56:12Z')
  const oldRow = (number: number, change: object) => ({
    _id: `evt-${number}.sub_1`,
    tenant: 'acme',
    partition: 3,
    subscriptionId: 'sub_1',
    eventId: `evt-${number}`,
    visitId: 'visit-1',
    type: 'visit.checked_in',
    streamSequence: number,
    attempts: [],
    traceparent: '',
    createdAt: at,
    updatedAt: at,
    expireAt: new Date(at + 1e12),
    ...change,
  })
  const { db, ids } = await setUp(t, [
    oldRow(1, { status: 'held', reason: 'over_capacity', open: true, nextAttemptAt: at }),
    oldRow(2, { status: 'dead', reason: 'exhausted' }),
  ])
  const done: string[] = []
  const onDone = (id: string, tookMs: number) => void done.push(`${id} ${tookMs >= 0 && tookMs < 60_000}`)
  const options = { database: db.databaseName, migrations: testMigrations, onDone }
  const ledger = await freshLedger(t, options)
  t.deepEqual(
    done,
    testMigrations.map(({ id }) => `${id} true`),
  )
  t.like(await ledger.deliveries.get('acme', 'evt-1.sub_1'), { status: 'held', revision: 1, nextAttemptAt: at })
  t.like(await ledger.deliveries.get('acme', 'evt-2.sub_1'), { status: 'dead', reason: 'exhausted', revision: 1 })
  t.is(await db.collection('deliveries').countDocuments({ expireAt: { $exists: true } }), 1)
  t.deepEqual(
    await ids(),
    testMigrations.map(({ id }) => id),
  )
})

test('each migration is recorded with its time and duration, and runs once; a later version runs the new ones', async t => {
  const { db, records, ids } = await setUp(t)
  const { ran, migrations } = steps('1', '2')
  const from = Date.now()
  await migrate(db, { migrations, wait: never(t) })
  for (const { doneAt = 0, tookMs = -1 } of await records.find().toArray()) {
    t.true(doneAt >= from && doneAt <= Date.now())
    t.true(tookMs >= 0 && tookMs <= Date.now() - from)
  }
  await migrate(db, { migrations, wait: never(t) })
  t.deepEqual(ran, ['1', '2'])
  const later = steps('1', '2', '3')
  await migrate(db, { migrations: later.migrations, wait: never(t) })
  t.deepEqual(later.ran, ['3'])
  t.deepEqual(await ids(), ['1', '2', '3'], 'and no process holds the lease')
})

test('of two processes that start at once one migrates, and the other waits until everything is done', async t => {
  const { db, ids } = await setUp(t)
  const { ran, migrations } = steps('2')
  const running = Promise.withResolvers<void>()
  const waited = Promise.withResolvers<void>()
  const slow: Migration = {
    id: '1',
    run: async () => {
      ran.push('1')
      running.resolve()
      await waited.promise
    },
  }
  const first = migrate(db, { migrations: [slow, ...migrations], wait: never(t) })
  await running.promise
  const waits: number[] = []
  const wait = async (ms: number) => {
    waits.push(ms)
    waited.resolve()
    await first
  }
  await migrate(db, { migrations: [slow, ...migrations], wait, onDone: () => t.fail() })
  t.deepEqual(waits, [200])
  t.deepEqual(ran, ['1', '2'])
  t.deepEqual(await ids(), ['1', '2'])
})

test('a process that died while it migrated is replaced by the next when its lease ends, which does the rest', async t => {
  const { db, records, ids } = await setUp(t)
  await records.insertOne({ _id: '1', doneAt: 1, tookMs: 1 })
  const { ran, migrations } = steps('1', '2')
  t.true(await createLease(records as never, 60_000).take())
  let waits = 0
  const wait = async () => {
    waits += 1
    t.deepEqual(ran, [], 'it has the lease')
    await records.updateOne({ _id: 'lease' }, { $set: { until: new Date(Date.now() - 60_000) } })
  }
  await migrate(db, { migrations, wait })
  t.is(waits, 1)
  t.deepEqual(ran, ['2'])
  t.deepEqual(await ids(), ['1', '2'])
})

test('the lease belongs to one process until it ends by the server’s clock, and only its holder renews or releases it', async t => {
  const { records } = await setUp(t, [])
  const collection = records as unknown as Parameters<typeof createLease>[0]
  const [a, b] = [createLease(collection, 5_000), createLease(collection, 60_000)]
  t.is(a.id, 'lease')
  const both = await Promise.all([a.take(), createLease(collection, 5_000).take()])
  t.deepEqual(both.toSorted(), [false, true], 'of two at once one has it')
  await records.deleteMany({})
  t.true(await a.take())
  t.false(await b.take())
  const end = async () => (await records.findOne({ _id: 'lease' }))?.until?.getTime() ?? 0
  const first = await end()
  t.true(first > Date.now() && first <= Date.now() + 5_000)
  await until(async () => (await a.take()) && (await end()) > first)
  await b.release()
  t.false(await b.take(), 'it was not b’s to release')
  await records.updateOne({ _id: 'lease' }, { $set: { until: new Date(Date.now() - 1_000) } })
  t.true(await b.take())
  t.true((await end()) > Date.now() + 30_000)
  t.false(await a.take())
  await a.release()
  t.false(await a.take(), 'nor a’s')
  await b.release()
  t.true(await a.take())
})

test.serial('the lease is renewed three times in its 15 seconds while a migration runs, and no longer', async t => {
  const { db, records } = await setUp(t)
  const end = async () => (await records.findOne({ _id: 'lease' }))?.until?.getTime() ?? 0
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const run = async () => {
    const before = await end()
    t.true(before > Date.now() + 10_000 && before <= Date.now() + 15_000)
    mock.timers.tick(4_999)
    await db.command({ ping: 1 })
    t.is(await end(), before)
    await until(() => Date.now() + 15_000 > before)
    mock.timers.tick(1)
    await until(async () => (await end()) > before)
  }
  await migrate(db, { migrations: [{ id: '1', run }] })
  mock.timers.tick(60_000)
  await db.command({ ping: 1 })
  t.is(await end(), 0)
})

test('a migration that fails ends the start, releases the lease, and is run again by the next start', async t => {
  const { db, ids } = await setUp(t)
  const { ran, migrations } = steps('1', '3')
  let broken = true
  const second: Migration = {
    id: '2',
    run: () => (broken ? Promise.reject(new TypeError('a defect')) : Promise.resolve()),
  }
  const all = [migrations[0], second, migrations[1]] as Migration[]
  const done: string[] = []
  const options: MigrateOptions = { migrations: all, wait: never(t), onDone: id => void done.push(id) }
  await t.throwsAsync(migrate(db, options), { message: 'a defect' })
  t.deepEqual([await ids(), done, ran], [['1'], ['1'], ['1']])
  broken = false
  await migrate(db, options)
  t.deepEqual(
    [await ids(), done, ran],
    [
      ['1', '2', '3'],
      ['1', '2', '3'],
      ['1', '3'],
    ],
  )
})

test('what another process finished just before this one had the lease is not done again', async t => {
  const { db, records, ids } = await setUp(t)
  const { ran, migrations } = steps('1')
  const late = Object.assign(Object.create(records), {
    find: records.find.bind(records),
    updateOne: async (...args: Parameters<Collection<Record>['updateOne']>) => {
      await records.replaceOne({ _id: '1' }, { doneAt: 1, tookMs: 1 }, { upsert: true })
      return records.updateOne(...args)
    },
    deleteOne: records.deleteOne.bind(records),
  })
  const racing = Object.assign(Object.create(db), {
    collection: () => late,
    listCollections: db.listCollections.bind(db),
  }) as Db
  await migrate(racing, { migrations, wait: never(t), onDone: () => t.fail() })
  t.deepEqual(ran, [])
  t.deepEqual(await ids(), ['1'])
})

test('a new database is marked as migrated without running anything, also by two processes at once', async t => {
  const { db, records, ids } = await setUp(t, [])
  const { ran, migrations } = steps('1', '2')
  const from = Date.now()
  await Promise.all([0, 1].map(() => migrate(db, { migrations, wait: never(t), onDone: () => t.fail() })))
  t.deepEqual([ran, await ids()], [[], ['1', '2']])
  const { doneAt = 0, tookMs } = (await records.findOne({ _id: '1' })) ?? {}
  t.true(doneAt >= from && doneAt <= Date.now())
  t.is(tookMs, 0)
  await migrate(db, { migrations: steps('1', '2').migrations, wait: never(t) })
})

test('a database that a newer version migrated is refused by the migration’s name', async t => {
  const { db, records } = await setUp(t)
  await records.insertMany([{ _id: '1' }, { _id: '9999-from-the-future' }])
  const { ran, migrations } = steps('1', '2')
  const error = await t.throwsAsync(migrate(db, { migrations }))
  t.true(isFailure(error, 'invalid_settings'))
  t.regex(error?.message ?? '', /9999-from-the-future/)
  t.deepEqual(ran, [])
  await t.throwsAsync(freshLedger(t, { database: db.databaseName }), { message: /9999-from-the-future|newer/ })
})

test('a server that is away is reported as ledger_unavailable at each step', async t => {
  const { db, client } = await setUp(t, [])
  const lease = createLease(db.collection('migrations'), 1)
  await client.close()
  for (const work of [lease.take(), lease.release(), migrate(db, { migrations: steps('1').migrations })])
    t.true(isFailure(await t.throwsAsync(work), 'ledger_unavailable'))
  await client.connect()
})
