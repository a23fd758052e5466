import { DatabaseSync, type SQLInputValue } from 'node:sqlite'

/** Opens a SQLite file. The caller names the type of the rows that it reads. */
export const openDatabase = (file: string, tables: string) => {
  const database = new DatabaseSync(file)
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${tables}`)
  return {
    all: <T>(sql: string, ...values: SQLInputValue[]): T[] => database.prepare(sql).all(...values) as T[],
    one: <T>(sql: string, ...values: SQLInputValue[]): T | null => (database.prepare(sql).get(...values) as T) ?? null,
    /** Returns the number of changed rows. */
    run: (sql: string, ...values: SQLInputValue[]): number => Number(database.prepare(sql).run(...values).changes),
    /** Runs the work in a transaction: all of its changes are stored, or none. */
    atomically: <T>(work: () => T): T => {
      database.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        database.exec('COMMIT')
        return result
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
    close: () => database.close(),
  }
}

export type Database = ReturnType<typeof openDatabase>
