import type { Db } from 'mongodb'

/** A change of stored documents. Idempotent, and harmless when two do it at once: it changes what is not changed yet. */
export interface Migration {
  /** Number and name; never changed once released. */
  readonly id: string
  readonly run: (db: Db) => Promise<unknown>
}

/** Documents of an earlier version may not satisfy its successor's validator while they are on their way. */
export const onTheWay = { bypassDocumentValidation: true } as const
