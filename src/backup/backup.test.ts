import { existsSync } from 'node:fs'
import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import test, { type ExecutionContext } from 'ava'
import { connect } from 'nats'
import { version } from '../../config/version.ts'
import { freshName, mongodbUrl, natsUrl } from '../../test/support/servers.ts'
import { onDatabase, takeDatabase } from '../../test/support/databases.ts'
import { checkBackup, restoreBackup, saveBackup } from './backup.ts'

const placeOf = (name: string) => ({ natsUrl: natsUrl(), mongodbUrl: mongodbUrl(), stream: name, database: name })

const newFolder = async (t: ExecutionContext) => {
  const parent = await mkdtemp(join(tmpdir(), 'doorbell-backup-'))
  t.teardown(() => rm(parent, { recursive: true }))
  return join(parent, 'backup')
}

/** A place with one message and one document. */
const filledPlace = async (t: ExecutionContext) => {
  const name = takeDatabase(t)
  await onDatabase(name, db => db.collection<{ _id: string }>('things').insertOne({ _id: 'one' }))
  const connection = await connect({ servers: natsUrl() })
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name, subjects: [`${name}.>`] })
  await connection.request(`${name}.a`, 'payload')
  await connection.close()
  return placeOf(name)
}

test('a backup states size and SHA-256 of every file, the kept ones included', async t => {
  const folder = await newFolder(t)
  const { files } = await saveBackup(await filledPlace(t), folder, { alongside: { key: Buffer.from('abc') } })
  t.deepEqual(files?.['key'], { bytes: 3, sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' })
  t.is(files?.['things.bson']?.bytes, (await readFile(join(folder, 'things.bson'))).length)
  t.is(files?.['stream.tar.s2']?.bytes, (await readFile(join(folder, 'stream.tar.s2'))).length)
  t.deepEqual((await checkBackup(folder)).files, files)
})

test('a backup states its version and its beginning, and only its owner may read it', async t => {
  const [folder, place, before] = [await newFolder(t), await filledPlace(t), Date.now()]
  const manifest = await saveBackup(place, folder)
  t.is(manifest.doorbell, version)
  t.true(Date.parse(manifest.begunAt) >= before && Date.parse(manifest.begunAt) <= Date.now())
  t.deepEqual(JSON.parse(await readFile(join(folder, 'backup.json'), 'utf8')), JSON.parse(JSON.stringify(manifest)))
  t.is((await stat(folder)).mode & 0o777, 0o700)
  for (const file of await readdir(folder)) t.is((await stat(join(folder, file))).mode & 0o777, 0o600, file)
})

test('a backup of servers that hold nothing is refused, names what is missing and leaves no folder', async t => {
  const folder = await newFolder(t)
  const name = freshName('nothing')
  await t.throwsAsync(saveBackup(placeOf(name), folder), {
    code: 'conflict',
    message: `Nothing was saved: NATS has no stream ${name}, and MongoDB's database ${name} holds no documents. Check NATS_URL, MONGODB_URL and DOORBELL_DATA_DIR, or add --allow-empty.`,
  })
  t.false(existsSync(folder))
})

test('half a backup is refused, too: a stream without a ledger, and a ledger without a stream', async t => {
  const [folder, place, other] = [await newFolder(t), await filledPlace(t), freshName('nothing')]
  await t.throwsAsync(saveBackup({ ...place, database: other }, folder), {
    message: /: MongoDB's database \S+ holds no/,
  })
  await t.throwsAsync(saveBackup({ ...place, stream: other }, folder), { message: /: NATS has no stream \S+\. Check/ })
})

test('an empty backup can be asked for', async t => {
  const folder = await newFolder(t)
  const { stream, collections } = await saveBackup(placeOf(freshName('nothing')), folder, { allowEmpty: true })
  t.deepEqual([stream, collections], [null, {}])
})

test('a backup is not written over, and what is there stays', async t => {
  const [folder, place] = [await newFolder(t), await filledPlace(t)]
  await saveBackup(place, folder)
  await t.throwsAsync(saveBackup(place, folder), { code: 'conflict', message: /cannot be created/ })
  await t.notThrowsAsync(checkBackup(folder))
})

test('a backup whose file has changed or is missing is refused before anything is restored', async t => {
  const folder = await newFolder(t)
  await saveBackup(await filledPlace(t), folder)
  await appendFile(join(folder, 'things.bson'), 'x')
  await t.throwsAsync(checkBackup(folder), { code: 'conflict', message: /things\.bson has changed since it was saved/ })
  await rm(join(folder, 'things.bson'))
  await t.throwsAsync(checkBackup(folder), { code: 'conflict', message: /things\.bson cannot be read/ })
  await rm(join(folder, 'backup.json'))
  await t.throwsAsync(checkBackup(folder), { code: 'conflict', message: /is not a complete backup/ })
})

test('what was saved is restored elsewhere: the stream and every document', async t => {
  const [folder, other] = [await newFolder(t), freshName('restored')]
  const saved = await filledPlace(t)
  await saveBackup(saved, folder)
  await onDatabase(saved.database, db => db.dropDatabase())
  const connection = await connect({ servers: natsUrl() })
  t.teardown(() => connection.close())
  const manager = await jetstreamManager(connection)
  await manager.streams.delete(saved.stream)
  t.teardown(() => onDatabase(other, db => db.dropDatabase()))
  await restoreBackup({ ...saved, database: other }, folder, await checkBackup(folder))
  t.deepEqual(await onDatabase(other, db => db.collection('things').find().toArray()), [{ _id: 'one' as never }])
  t.is((await manager.streams.info(saved.stream)).state.messages, 1)
})
