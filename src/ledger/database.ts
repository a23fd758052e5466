import { type Db, MongoClient } from 'mongodb'
import { failureOfLedger } from './faults.ts'

/** Rows are durable when a majority has them in its journal (invariant 2). */
export const writeConcern = { w: 'majority', journal: true } as const

/** Connects; throws Failure `ledger_unavailable` when no primary is found in time. */
export const connectDatabase = async (url: string, name: string): Promise<{ client: MongoClient; db: Db }> => {
  const client = new MongoClient(url, {
    appName: 'doorbell',
    serverSelectionTimeoutMS: 5_000,
    maxPoolSize: 32,
    ignoreUndefined: true,
    writeConcern,
    readConcern: { level: 'majority' },
    retryWrites: true,
    retryReads: true,
  })
  try {
    await client.connect()
    return { client, db: client.db(name) }
  } catch (error) {
    await client.close().catch(() => undefined)
    throw failureOfLedger(error)
  }
}
