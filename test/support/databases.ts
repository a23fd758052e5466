import { mkdirSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import type { ExecutionContext } from 'ava'
import { type Db, MongoClient } from 'mongodb'
import { connect } from 'nats'
import { fleetBucket } from '../../src/streams/names.ts'
import { freshName, mongodbUrl, natsUrl, required } from './servers.ts'

/** Runs `work` on a database of the run's MongoDB: for what the API neither shows nor changes. */
export const onDatabase = async <T>(name: string, work: (db: Db) => Promise<T>): Promise<T> => {
  const client = new MongoClient(mongodbUrl())
  try {
    return await work(client.db(name))
  } finally {
    await client.close()
  }
}

/**
 * The name of a database, and of a stream, that no other test uses at this time. After the test the stream is deleted and the database is
 * emptied for the next test: a new one costs MongoDB a tenth of a second of CPU for its sixty files, and it sweeps all files of all
 * databases as long as they exist.
 */
export const takeDatabase = (t: ExecutionContext): string => {
  const name = takeEmptied() ?? freshName('test')
  t.teardown(async () => {
    await Promise.all([deleteStream(name), onDatabase(name, empty)])
    writeFileSync(join(emptied(), name), '')
  })
  return name
}

/** A folder of the run with a file for each emptied database. */
const emptied = (): string => {
  const folder = join(required('DOORBELL_TEST_DATA'), 'emptied-databases')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** The process that removes the file has the database. */
const takeEmptied = (): string | undefined =>
  readdirSync(emptied()).find(name => {
    try {
      unlinkSync(join(emptied(), name))
      return true
    } catch {
      return false
    }
  })

/** Keeps validators, indexes and the record of migrations. */
const empty = async (db: Db): Promise<void> => {
  const collections = await db.listCollections({ name: { $ne: 'migrations' } }, { nameOnly: true }).toArray()
  await Promise.all(collections.map(({ name }) => db.collection(name).deleteMany({})))
}

const deleteStream = async (stream: string): Promise<void> => {
  const connection = await connect({ servers: natsUrl() })
  try {
    const manager = await jetstreamManager(connection)
    for (const name of [stream, `KV_${fleetBucket({ stream, root: stream })}`])
      await manager.streams.delete(name).catch(() => undefined)
  } finally {
    await connection.close()
  }
}
