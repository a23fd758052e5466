import test, { type ExecutionContext } from 'ava'
import { BSON, type Document, Long } from 'mongodb'
import { onDatabase } from '../../test/support/databases.ts'
import { freshName, mongodbUrl } from '../../test/support/servers.ts'
import { isFailure } from '../domain/failure.ts'
import { restoreDatabase, saveDatabase } from './backup.ts'

const placeOf = (t: ExecutionContext) => {
  const database = freshName('backup')
  t.teardown(() => onDatabase(database, db => db.dropDatabase()))
  return { url: mongodbUrl(), database }
}

/** Keeps the chunks of each collection. */
const memory = () => {
  const files = new Map<string, Uint8Array[]>()
  const write = async (name: string, chunk: Uint8Array) => void files.set(name, [...(files.get(name) ?? []), chunk])
  return { files, write }
}
const inPieces = (bytes: Buffer, size: number) =>
  async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }

test('every document of every collection is saved in the order of ids, and restored as it was, whatever the size of the chunks', async t => {
  const from = placeOf(t)
  const values = { date: new Date(5), long: Long.fromString('9007199254740993'), bytes: Buffer.from('x'), none: null }
  const many = Array.from({ length: 1_201 }, (_, n) => ({ _id: n, text: 'x'.repeat(n % 7) })) as Document[]
  await onDatabase(from.database, async db => {
    await db.collection('many').insertMany(many.toReversed())
    await db.collection('few').insertMany([{ _id: 'b', ...values }, { _id: 'a' }] as Document[])
    await db.createCollection('empty')
    await db.createCollection('view', { viewOn: 'few', pipeline: [] })
  })
  const { files, write } = memory()
  t.deepEqual(await saveDatabase(from, write), { many: 1_201, few: 2, empty: 0 })
  t.deepEqual([...files.keys()].toSorted(), ['empty', 'few', 'many'])
  t.deepEqual(
    files.get('many')?.map(chunk => chunk.length > 0),
    [true, true, true],
    'in chunks of 500 documents',
  )
  const bytes = (name: string) => Buffer.concat(files.get(name) ?? [])
  t.is(
    BSON.deserialize(files.get('many')?.[1] ?? new Uint8Array(), { allowObjectSmallerThanBufferSize: true })['_id'],
    500,
  )

  const small = placeOf(t)
  await restoreDatabase(small, ['few'], name => inPieces(bytes(name), 3)())
  const few = await onDatabase(small.database, db => db.collection('few').find({}, { promoteLongs: false }).toArray())
  t.deepEqual(
    few.map(({ _id }) => String(_id)),
    ['a', 'b'],
  )
  t.like(few[1], { date: values.date, none: null })
  t.true(values.long.equals(few[1]?.['long'] as Long))
  const to = placeOf(t)
  await restoreDatabase(to, ['many', 'empty'], name => inPieces(bytes(name), 4_096)())
  const restored = await onDatabase(to.database, db => db.collection('many').find().sort({ _id: 1 }).toArray())
  t.deepEqual(restored, many)

  const again = await t.throwsAsync(restoreDatabase(to, ['few'], name => inPieces(bytes(name), 64)()))
  t.true(isFailure(again, 'conflict'))
  t.regex(again?.message ?? '', new RegExp(to.database))
  const names = await onDatabase(to.database, db => db.listCollections({}, { nameOnly: true }).toArray())
  t.deepEqual(
    names.map(({ name }) => name),
    ['many'],
    'nothing is restored over anything',
  )
})

test('a file that ends in the middle of a document is refused', async t => {
  const bytes = Buffer.concat([BSON.serialize({ _id: 1 }), BSON.serialize({ _id: 2 })])
  for (const length of [bytes.length - 1, 16, 17]) {
    const cut = restoreDatabase(placeOf(t), ['x'], inPieces(bytes.subarray(0, length), 7))
    t.true(isFailure(await t.throwsAsync(cut), 'conflict'), `${length} bytes`)
  }
})

test('a database that cannot be opened says why, and the error of a full disk passes', async t => {
  const place = placeOf(t)
  await onDatabase(place.database, db => db.collection('x').insertOne({}))
  const full = new Error('no space left on the device')
  t.is(await t.throwsAsync(saveDatabase(place, () => Promise.reject(full))), full)
  const refused = { ...place, url: mongodbUrl().replace('mongodb://', 'mongodb://nobody:wrong@') }
  t.true(isFailure(await t.throwsAsync(saveDatabase(refused, async () => undefined)), 'invalid_settings'))
})
