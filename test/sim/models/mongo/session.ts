import type { Client } from './client.ts'
import type { MongoServer } from './server.ts'
import { createTransaction, type Transaction } from './transaction.ts'

export interface Session {
  withTransaction<T>(work: () => Promise<T>): Promise<T>
  /** The open transaction of this session; it begins with its first command. */
  transactionOn(server: MongoServer, database: string): Transaction | null
}

export const createSession = (client: Client): Session => {
  let isOpen = false
  let transaction: Transaction | null = null

  const end = async (how: 'commit' | 'abort'): Promise<void> => {
    isOpen = false
    const ended = transaction
    transaction = null
    if (ended !== null) await client.ask(() => ended[how](), { name: `${how}Transaction`, writes: true, repeats: true })
  }

  return {
    withTransaction: async work => {
      for (;;) {
        isOpen = true
        try {
          const result = await work()
          await end('commit')
          return result
        } catch (error) {
          await end('abort').catch(() => undefined)
          if (!isTransient(error)) throw error
        }
      }
    },
    transactionOn: (server, database) => {
      if (!isOpen) return null
      transaction ??= createTransaction(server.locks, server.database(database).last, server.ports)
      return transaction
    },
  }
}

const isTransient = (error: unknown): boolean =>
  (error as { hasErrorLabel?: (label: string) => boolean }).hasErrorLabel?.('TransientTransactionError') === true
