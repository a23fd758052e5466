import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { MongoClient } from 'mongodb'
import { freshName, mongodbUrl } from '../../../test/support/servers.ts'
import { isFailure } from '../../domain/failure.ts'
import { openLedger } from '../ledger.ts'
import { testMigrations as migrations } from '../../../test/support/test-migrations.ts'

const ids = migrations.map(({ id }) => id)
const at = Date.parse('2026-03-02T08:56:12Z')

/** A row in its form before the migrations. */
const oldRow = (index: number, change: object = {}) => ({
  _id: `evt-${index}.sub_1`,
  tenant: 'acme',
  partition: 3,
  subscriptionId: 'sub_1',
  eventId: `evt-${index}`,
  visitId: 'visit-1',
  type: 'visit.checked_in',
  streamSequence: index + 1,
  status: 'delivered',
  attempts: [],
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  createdAt: at,
  updatedAt: at,
  expireAt: new Date(at + 30 * 24 * 60 * 60_000),
  ...change,
})

const oldDatabase = async (t: ExecutionContext, rows: number) => {
  const name = freshName('old')
  const client = new MongoClient(mongodbUrl())
  const db = client.db(name)
  t.teardown(async () => {
    await db.dropDatabase()
    await client.close()
  })
  const validator = { $jsonSchema: { bsonType: 'object', required: ['_id', 'tenant', 'status', 'expireAt'] } }
  await db.createCollection<{ _id: string }>('deliveries', { validator })
  const held = oldRow(0, { status: 'held', reason: 'over_capacity', open: true, nextAttemptAt: at })
  const all = [
    held,
    oldRow(1, { status: 'dead', reason: 'exhausted' }),
    ...Array.from({ length: rows }, (_, index) => oldRow(index + 2)),
  ]
  await db.collection<{ _id: string }>('deliveries').insertMany(all)
  return { name, db }
}

const openIn = (name: string, leaseMs = 15_000): { child: ChildProcess; done: Promise<string[]> } => {
  const script = join(import.meta.dirname, '../../../test/support/open-ledger.ts')
  const child = spawn(process.execPath, [script, mongodbUrl(), name, String(leaseMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', data => (output += String(data)))
  const done = new Promise<string[]>((resolve, reject) =>
    child.once('close', code =>
      code === 0 ? resolve(JSON.parse(output) as string[]) : reject(new Error(`ended with ${code}`)),
    ),
  )
  return { child, done }
}

test('documents are brought to the form of this version, once', async t => {
  const { name, db } = await oldDatabase(t, 0)
  const done: string[] = []
  const options = { url: mongodbUrl(), database: name, migrations, onDone: (id: string) => void done.push(id) }
  const ledger = await openLedger(options)
  t.deepEqual(done, ids)
  t.like(await ledger.deliveries.get('acme', 'evt-0.sub_1'), { status: 'held', revision: 1, nextAttemptAt: at })
  t.like(await ledger.deliveries.get('acme', 'evt-1.sub_1'), { status: 'dead', reason: 'exhausted', revision: 1 })
  const rows = await db.collection('deliveries').find().sort({ streamSequence: 1 }).toArray()
  t.deepEqual(
    rows.map(row => row['expireAt'] as Date | undefined),
    [undefined, oldRow(1).expireAt],
  )
  await ledger.close()
  await (await openLedger(options)).close()
  t.is(done.length, ids.length)
})

test('of two processes that start at once one migrates, and both find everything done', async t => {
  const { name, db } = await oldDatabase(t, 5_000)
  const both = await Promise.all([openIn(name).done, openIn(name).done])
  t.deepEqual(both.flat(), ids)
  t.is(await db.collection('deliveries').countDocuments({ revision: 1 }), 5_002)
  t.is(await db.collection('migrations').countDocuments(), ids.length, 'no process holds the lease')
})

test('a process that is killed while it migrates is replaced by the next, which does the rest', async t => {
  const { name, db } = await oldDatabase(t, 20_000)
  const first = openIn(name, 2_000)
  const ended = t.throwsAsync(first.done)
  const records = db.collection<{ _id: string }>('migrations')
  while ((await records.findOne({ _id: 'lease' })) === null) await wait(5)
  first.child.kill('SIGKILL')
  await ended
  t.true((await records.countDocuments()) < ids.length + 1, 'it was killed in time')
  t.true((await openIn(name, 2_000).done).length > 0)
  t.is(await db.collection('deliveries').countDocuments({ revision: 1 }), 20_002)
  t.is(await db.collection('deliveries').countDocuments({ open: true, expireAt: { $exists: true } }), 0)
})

test('a new database is marked as migrated', async t => {
  const options = { url: mongodbUrl(), database: freshName('new'), migrations, onDone: () => t.fail('nothing to do') }
  const ledger = await openLedger(options)
  t.teardown(async () => {
    await ledger.db.dropDatabase()
    await ledger.close()
  })
  t.is(await ledger.db.collection('migrations').countDocuments(), ids.length)
  await (await openLedger(options)).close()
})

test('a database that a newer version migrated is refused by the migration’s name', async t => {
  const name = freshName('new')
  const ledger = await openLedger({ url: mongodbUrl(), database: name })
  t.teardown(async () => {
    await ledger.db.dropDatabase()
    await ledger.close()
  })
  await ledger.db.collection<{ _id: string }>('migrations').insertOne({ _id: '9999-from-the-future' })
  const error = await t.throwsAsync(openLedger({ url: mongodbUrl(), database: name }))
  t.true(isFailure(error, 'invalid_settings'))
  t.regex(error?.message ?? '', /9999-from-the-future/)
})
