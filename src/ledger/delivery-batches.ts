import type { Collection } from 'mongodb'
import type { Delivery } from '../domain/delivery.ts'
import { createBatcher } from './batcher.ts'
import type { DeliveryDocument } from './delivery-document.ts'
import { insertAll, reconcile, replaceAll, type Written } from './delivery-writes.ts'
import { eachAlone } from './document-errors.ts'
import { guarded } from './faults.ts'
import type { LedgerObserver } from './observer.ts'
import { type Heal, healing, noHeal } from './upkeep/heal.ts'

/** A row is written after its attempt, so no request waits for these milliseconds; a command costs as much as writing ten rows. */
const writes = { limit: 500, inFlight: 2, everyMs: 12 }
/** An event waits for its look-up, but only under load. */
const lookUps = { limit: 256, inFlight: 2, everyMs: 8 }

/** Single writes and look-ups that many callers make at the same time; they are sent in batches. */
export const createDeliveryBatches = (
  collection: Collection<DeliveryDocument>,
  { batchWritten }: Pick<LedgerObserver, 'batchWritten'>,
  heal: Heal = noHeal,
) => {
  const writer = (kind: 'insert' | 'update', write: typeof insertAll) => {
    const writeHealed = healing<Delivery, Exclude<Written, Error>>(
      rows => eachAlone(rows, batch => write(collection, batch)),
      heal,
    )
    return createBatcher<Delivery, Exclude<Written, Error>>(writes, async rows => {
      const startedAt = performance.now()
      const results = await guarded(writeHealed(rows))
      batchWritten(kind, rows.length, performance.now() - startedAt)
      return results
    })
  }
  const inserts = writer('insert', insertAll)
  const updates = writer('update', replaceAll)
  /** All partitions share one query: with many tenants, each of them asks for few rows. */
  const existing = createBatcher(lookUps, async (asked: readonly (readonly string[])[]) => {
    const query = { _id: { $in: asked.flat() } }
    const found = await guarded(collection.find(query, { projection: { _id: 1 } }).toArray())
    const ids: ReadonlySet<string> = new Set(found.map(({ _id }) => _id))
    return asked.map(() => ids)
  })
  const merged = async (row: Delivery, write: Promise<'written' | 'conflict'>): Promise<Delivery> =>
    (await write) === 'written' ? row : guarded(reconcile(collection, row))

  return {
    /** Returns the ids of these rows that exist. */
    existing: (ids: readonly string[]): Promise<ReadonlySet<string>> => existing.add(ids),

    /** Writes a new row. Returns the stored row, which differs if another writer was first (`mergeRows`). */
    insert: (row: Delivery): Promise<Delivery> => merged(row, inserts.add(row)),

    /** Replaces the row's previous revision. Returns the stored row, which differs if another writer was first (`mergeRows`). */
    update: (row: Delivery): Promise<Delivery> => merged(row, updates.add(row)),
  }
}
