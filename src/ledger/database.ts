import { type Db, MongoClient } from 'mongodb'
import { filter, firstValueFrom, map, type Observable } from 'rxjs'
import { isFailure } from '../domain/failure.ts'
import { type LedgerObserver, noObserver, observeClient } from './observer.ts'
import { type Answers, askedOf, failureOfStart, failureOfUrl, faultOfServers, followAnswers } from './start-faults.ts'
import { findTlsMismatch } from './tls-mismatch.ts'

/** Rows are durable when a majority of the servers has them in its journal. */
export const writeConcern = { w: 'majority', journal: true } as const

const maxPoolSize = 32

export interface Database {
  readonly client: MongoClient
  readonly db: Db
  /** Returns the error of a first command as a Failure whose message is for the operator. */
  readonly explain: (error: unknown) => unknown
}

/**
 * Connects. Throws Failure `ledger_unavailable` when no primary is found in time, and `invalid_settings` when none will ever be found; both
 * messages are for the operator.
 */
export const connectDatabase = async (
  url: string,
  name: string,
  observer: LedgerObserver = noObserver,
): Promise<Database> => {
  const client = clientOf(url, observer)
  if (observer !== noObserver) observeClient(client, maxPoolSize, observer)
  const following = followAnswers(client)
  const explain = (error: unknown) => failureOfStart(error, following.answers, askedOf(client))
  try {
    await connectTo(client, following.answered$)
    const fault = faultOfServers(following.answers, askedOf(client))
    if (fault !== null) throw fault
    return { client, db: client.db(name), explain }
  } catch (error) {
    const explained = explain(error)
    const mismatch = isFailure(explained, 'ledger_unavailable') ? await findTlsMismatch(client) : null
    await client.close().catch(() => undefined)
    throw mismatch ?? explained
  } finally {
    following.stop()
  }
}

/** A server that is the wrong one is found by its first answer; the driver would wait for another. */
const connectTo = async (client: MongoClient, answered$: Observable<Answers>): Promise<void> => {
  const faults$ = answered$.pipe(map(answers => faultOfServers(answers, askedOf(client))))
  const wrong = firstValueFrom(faults$.pipe(filter(fault => fault !== null)), { defaultValue: null })
  const connecting = client.connect().then(() => null)
  // It ends when the client is closed.
  connecting.catch(() => undefined)
  const fault = await Promise.race([connecting, wrong])
  if (fault !== null) throw fault
}

const clientOf = (url: string, observer: LedgerObserver): MongoClient => {
  try {
    return new MongoClient(url, {
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
  } catch (error) {
    throw failureOfUrl(url, error)
  }
}
