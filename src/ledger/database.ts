import { type Db, MongoClient } from 'mongodb'
import { failureOfLedger } from './faults.ts'
import { type LedgerObserver, noObserver, observeClient } from './observer.ts'

/** Rows are durable when a majority of the servers has them in its journal. */
export const writeConcern = { w: 'majority', journal: true } as const

const maxPoolSize = 32

/** Connects; throws Failure `ledger_unavailable` when no primary is found in time. */
export const connectDatabase = async (
  url: string,
  name: string,
  observer: LedgerObserver = noObserver,
): Promise<{ client: MongoClient; db: Db }> => {
  const client = new MongoClient(url, {
    appName: 'doorbell',
    serverSelectionTimeoutMS: 5_000,
    maxPoolSize,
    monitorCommands: observer !== noObserver,
    ignoreUndefined: true,
    writeConcern,
    readConcern: { level: 'majority' },
    retryWrites: true,
    retryReads: true,
  })
  if (observer !== noObserver) observeClient(client, maxPoolSize, observer)
  try {
    await client.connect()
    return { client, db: client.db(name) }
  } catch (error) {
    await client.close().catch(() => undefined)
    throw failureOfLedger(error)
  }
}
