import { DatabaseSync, type SQLInputValue } from 'node:sqlite'

/** A small SQLite file. Rows are as their table says; the caller names their type. */
export const openDatabase = (file: string, tables: string) => {
  const database = new DatabaseSync(file)
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${tables}`)
  return {
    all: <T>(sql: string, ...values: SQLInputValue[]): T[] => database.prepare(sql).all(...values) as T[],
    one: <T>(sql: string, ...values: SQLInputValue[]): T | null => (database.prepare(sql).get(...values) as T) ?? null,
    /** The number of rows that were changed. */
    run: (sql: string, ...values: SQLInputValue[]): number => Number(database.prepare(sql).run(...values).changes),
    /** All of it or nothing. */
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
