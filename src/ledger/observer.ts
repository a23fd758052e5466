import type { MongoClient } from 'mongodb'

export interface PoolState {
  readonly idle: number
  readonly used: number
  /** Commands that wait for a connection. */
  readonly awaited: number
  readonly max: number
}

/** Told of what the ledger asks of its server. */
export interface LedgerObserver {
  /** `error`: the class of the error, or '' when it succeeded. */
  readonly commanded: (operation: string, tookMs: number, error: string) => void
  readonly batchWritten: (kind: 'insert' | 'update', rows: number, tookMs: number) => void
  /** Told once; to be read at any time. */
  readonly poolIs: (read: () => PoolState) => void
}

export const nobody: LedgerObserver = {
  commanded: () => undefined,
  batchWritten: () => undefined,
  poolIs: () => undefined,
}

/** Waits on purpose, until there is something new. */
const waiting = 'getMore'

/** Tells the observer of each command and of the pool of connections. */
export const observeClient = (client: MongoClient, max: number, observer: LedgerObserver): void => {
  client.on('commandSucceeded', ({ commandName, duration }) => {
    if (commandName !== waiting) observer.commanded(commandName, duration, '')
  })
  client.on('commandFailed', ({ commandName, duration, failure }) =>
    observer.commanded(commandName, duration, failure.name),
  )
  let [all, used, awaited] = [0, 0, 0]
  client.on('connectionCreated', () => (all += 1))
  client.on('connectionClosed', () => (all -= 1))
  client.on('connectionCheckOutStarted', () => (awaited += 1))
  client.on('connectionCheckOutFailed', () => (awaited -= 1))
  client.on('connectionCheckedOut', () => {
    awaited -= 1
    used += 1
  })
  client.on('connectionCheckedIn', () => (used -= 1))
  observer.poolIs(() => ({ idle: Math.max(0, all - used), used, awaited, max }))
}
