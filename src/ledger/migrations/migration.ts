import type { Db } from 'mongodb'

/** A change of stored documents. It is idempotent and safe to run twice at once: it changes what is not changed yet. */
export interface Migration {
  /** Number and name; never changed once released. */
  readonly id: string
  readonly run: (db: Db) => Promise<unknown>
}

/** For updates in a migration: between two migrations a document may satisfy neither the old validator nor the new one. */
export const withoutValidation = { bypassDocumentValidation: true } as const
