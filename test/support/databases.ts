import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import type { ExecutionContext } from 'ava'
import { type Db, MongoClient } from 'mongodb'
import { connect } from 'nats'
import { indexes } from '../../src/ledger/indexes.ts'
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts'
import { validators } from '../../src/ledger/validators.ts'
import { fleetBucket } from '../../src/streams/names.ts'
import { freshName, mongodbUrl, natsUrl, required } from './servers.ts'

type LedgerOptions = Partial<Parameters<typeof openLedger>[0]>

/**
 * Opens a ledger whose database no other test uses at this time: for every test of what is stored. It closes after the test. A test of
 * validators, indexes or migrations takes `freshLedger`, since collections exist here already.
 */
export const takeLedger = async (t: ExecutionContext, options: LedgerOptions = {}): Promise<Ledger> =>
  openIn(t, takeEmptied(t), options)

/** Opens a ledger in a database that does not exist yet, and drops it after the test. It takes ten times as long as `takeLedger`. */
export const freshLedger = async (t: ExecutionContext, options: LedgerOptions = {}): Promise<Ledger> => {
  const { database = freshName('fresh') } = options
  t.teardown(() => onDatabase(database, db => db.dropDatabase()))
  return openIn(t, database, options)
}

const openIn = async (t: ExecutionContext, database: string, options: LedgerOptions): Promise<Ledger> => {
  const ledger = await openLedger({ url: mongodbUrl(), database, ...options })
  t.teardown(ledger.close)
  return ledger
}

/** The name of a database, and of a stream, that no other test uses at this time. The stream is deleted after the test. */
export const takeDatabase = (t: ExecutionContext): string => {
  const name = takeEmptied(t)
  t.teardown(() => deleteStream(name))
  return name
}

/** Runs `work` on a database of the run's MongoDB: for what the API neither shows nor changes. */
export const onDatabase = async <T>(name: string, work: (db: Db) => Promise<T>): Promise<T> => {
  const { client, leave } = shareClient()
  try {
    return await work(client.db(name))
  } finally {
    await leave()
  }
}

/**
 * A database is emptied after its test, and the next test takes it: a new one costs MongoDB a tenth of a second of CPU and a second of
 * waiting for the disk for its sixty files, and it sweeps all files of all databases as long as they exist. Each form of the collections
 * has databases of its own, since these outlive a run where several runs share a server.
 */
const takeEmptied = (t: ExecutionContext): string => {
  const name = takeOne() ?? freshName(prefix)
  // Held until the end of the test, so that its questions share one connection.
  const { leave } = shareClient()
  t.teardown(async () => {
    await onDatabase(name, empty)
    await leave()
    writeFileSync(join(emptied(), name), '')
  })
  return name
}

const prefix = `test_${createHash('sha256')
  .update(JSON.stringify([validators, indexes]))
  .digest('hex')
  .slice(0, 8)}`

/** A folder of the run with a file for each emptied database. */
const emptied = (): string => {
  const folder = join(required('DOORBELL_TEST_DATA'), 'emptied-databases')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** The process that removes the file has the database. */
const takeOne = (): string | undefined =>
  readdirSync(emptied()).find(name => {
    if (!name.startsWith(prefix)) return false
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

let shared: { readonly client: MongoClient; users: number } | null = null

/** One client for all tests of this process. It closes when nobody uses it, since an open one keeps the process. */
const shareClient = () => {
  const mine = (shared ??= { client: new MongoClient(mongodbUrl()), users: 0 })
  mine.users += 1
  const leave = async (): Promise<void> => {
    mine.users -= 1
    if (mine.users > 0) return
    if (shared === mine) shared = null
    await mine.client.close()
  }
  return { client: mine.client, leave }
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
