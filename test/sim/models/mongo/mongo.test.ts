import test from 'ava'
import { openLedger } from '../../../../src/ledger/ledger.ts'
import { openChanges } from '../../../../src/ledger/open-changes.ts'
import { createLink } from '../link.ts'
import { virtualPorts } from '../virtual-ports.ts'
import { createMongoModel } from './mongo.ts'

interface Row {
  readonly _id: string
  readonly n: number
  readonly expireAt?: Date
}

// The ledger itself waits by this process's timers, so the steps use its collections.
const open = async () => {
  const ports = virtualPorts()
  const model = createMongoModel(ports)
  const link = createLink(ports)
  const ledger = await ports.until(
    openLedger({ url: 'mongodb://model.test', connect: model.connect(link), database: 'model' }),
  )
  const rows = ledger.db.collection<Row>('rows')
  const stored = () => [...model.documents('rows', 'model')].map(({ _id }): unknown => _id)
  return { ...ports, model, link, ledger, rows, stored }
}
/** The next change's kind and id, or the error's code. */
const short = async (changes: AsyncGenerator): Promise<unknown> => {
  try {
    const { value } = (await changes.next()) as { value: { operationType: string; documentKey: { _id: string } } }
    return [value.operationType, value.documentKey._id]
  } catch (error) {
    return (error as { code?: unknown }).code ?? (error as Error).name
  }
}
const nameOf = (error: unknown) => (error as Error).name

test('an election breaks every connection: what may be repeated waits for the new primary, and the rest fails', async t => {
  const { model, rows, until, stored, now } = await open()
  await until(rows.insertOne({ _id: 'a', n: 1 }))
  const begunAt = now()
  const inserting = rows.insertOne({ _id: 'b', n: 1 })
  const updating = rows.updateMany({}, { $set: { n: 2 } }).catch(nameOf)
  model.faults.failover(2_000)
  await until(inserting)
  t.true(now() - begunAt >= 2_000)
  t.deepEqual(stored(), ['a', 'b'])
  t.is(await until(updating), 'MongoNetworkError')
})

test('without a primary a command fails after five seconds', async t => {
  const { model, rows, until, now, stored } = await open()
  model.faults.stop()
  const begunAt = now()
  const failed = await until(rows.insertOne({ _id: 'a', n: 1 }).then(() => 'done', nameOf))
  t.regex(failed, /Mongo(ServerSelection|Network)Error/)
  t.true(now() - begunAt <= 6_000)
  model.faults.start()
  await until(rows.insertOne({ _id: 'b', n: 1 }))
  t.deepEqual(stored(), ['b'])
})

test('a change stream continues after an election, and ends when the server has forgotten its place', async t => {
  const { model, rows, link, until, pass } = await open()
  const changes = await until(openChanges(rows.watch()))
  model.faults.failover(2_000)
  await until(rows.insertOne({ _id: 'a', n: 1 }))
  t.deepEqual(await until(short(changes)), ['insert', 'a'])
  const next = short(changes)
  await pass(100)
  link.cut('closed')
  const other = createLink({ now: () => 0, chance: () => 0, after: (_, work) => (setImmediate(work), () => undefined) })
  const writer = await openLedger({ url: 'mongodb://model.test', connect: model.connect(other), database: 'model' })
  await writer.db.collection<Row>('rows').insertOne({ _id: 'between', n: 1 })
  model.faults.forgetHistory()
  link.heal()
  t.is(await until(next), 286)
})

test('expired documents are removed by the sweep of each minute, and that is a change', async t => {
  const { rows, until, now } = await open()
  await until(rows.createIndexes([{ key: { expireAt: 1 }, expireAfterSeconds: 0 }]))
  const changes = await until(openChanges(rows.watch()))
  const begunAt = now()
  const documents = [
    { _id: 'soon', n: 1, expireAt: new Date(begunAt + 10_000) },
    { _id: 'later', n: 1, expireAt: new Date(begunAt + 200_000) },
    { _id: 'never', n: 1 },
  ]
  await until(rows.insertMany(documents))
  for (const { _id } of documents) t.deepEqual(await until(short(changes)), ['insert', _id])
  t.deepEqual(await until(short(changes)), ['delete', 'soon'])
  t.true(now() - begunAt >= 10_000 && now() - begunAt <= 71_000)
  t.deepEqual(await until(short(changes)), ['delete', 'later'])
})

test('a full disk refuses writes and answers reads', async t => {
  const { model, rows, until } = await open()
  model.faults.full(true)
  await t.throwsAsync(until(rows.insertOne({ _id: 'a', n: 1 })), { code: 14_031 })
  t.is(await until(rows.findOne()), null)
  model.faults.full(false)
  await until(rows.insertOne({ _id: 'a', n: 1 }))
  t.like(await until(rows.findOne()), { _id: 'a' })
})

test('while writes are locked they wait and reads are answered; what waited is done afterwards, also on another primary', async t => {
  for (const isElected of [false, true]) {
    const { model, rows, until, pass, stored } = await open()
    model.faults.lock(true)
    const limited = rows.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { upsert: true, timeoutMS: 1_500 })
    t.is(await until(limited.catch(nameOf)), 'MongoOperationTimeoutError')
    const waiting = rows.insertOne({ _id: 'b', n: 1 })
    await pass(60_000)
    t.is(await until(rows.findOne()), null)
    if (isElected) model.faults.failover(1_000)
    model.faults.lock(false)
    await until(waiting)
    t.true(stored().includes('b'))
  }
})

test('a write whose answer is lost is stored, and its caller waits in vain', async t => {
  const { link, rows, until, pass, stored } = await open()
  link.loseAnswers(1)
  let isAnswered = false
  void rows.insertOne({ _id: 'a', n: 1 }).finally(() => (isAnswered = true))
  await pass(60_000)
  t.false(isAnswered)
  t.deepEqual(stored(), ['a'])
  await t.throwsAsync(until(rows.insertOne({ _id: 'a', n: 1 })), { code: 11_000 })
})

test('a server that hangs is given up after forty seconds, with the commands on its connections', async t => {
  const { link, rows, until, now } = await open()
  link.cut('silent')
  const begunAt = now()
  const failed = await until(rows.findOne().then(() => 'done', nameOf))
  t.regex(failed, /Mongo(ServerSelection|Network)Error/)
  t.true(now() - begunAt >= 40_000 && now() - begunAt <= 46_000)
})
