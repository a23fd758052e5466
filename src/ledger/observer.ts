import type { MongoClient } from 'mongodb'
import type { PoolState } from '../../observability/metrics/ledger.ts'

/** Receives measurements of the ledger's commands, for metrics. */
export interface LedgerObserver {
  /** `error`: the class of the error, or '' after success. */
  readonly commanded: (operation: string, tookMs: number, error: string) => void
  readonly batchWritten: (kind: 'insert' | 'update', rows: number, tookMs: number) => void
  /** Called once; the given function may be called at any time. */
  readonly poolIs: (read: () => PoolState) => void
}

export const noObserver: LedgerObserver = {
  commanded: () => undefined,
  batchWritten: () => undefined,
  poolIs: () => undefined,
}

/** This command waits for new data by design, so its duration means nothing. */
const waiting = 'getMore'

/** Gives the error of a command its name and its collection, which stand in the log in place of the server's message. */
const nameCommands = (client: MongoClient): void => {
  const collections = new Map<number, unknown>()
  client.on('commandStarted', ({ requestId, commandName, command }) => {
    collections.set(requestId, (command as Record<string, unknown>)[commandName])
  })
  client.on('commandSucceeded', ({ requestId }) => void collections.delete(requestId))
  client.on('commandFailed', ({ requestId, commandName, failure }) => {
    Object.assign(failure, { command: commandName, collection: collections.get(requestId) })
    collections.delete(requestId)
  })
}

/** Reports each command, and the pool of connections, to the observer. */
export const observeClient = (client: MongoClient, max: number, observer: LedgerObserver): void => {
  client.on('commandSucceeded', ({ commandName, duration }) => {
    if (commandName !== waiting) observer.commanded(commandName, duration, '')
  })
  client.on('commandFailed', ({ commandName, duration, failure }) =>
    observer.commanded(commandName, duration, failure.name),
  )
  nameCommands(client)
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
