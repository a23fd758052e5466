import type { Collection } from 'mongodb'
import { type Delivery, mergeRows } from '../domain/delivery.ts'
import { type DeliveryDocument, toDelivery, toDocument } from './delivery-document.ts'
import { errorsOfDocuments } from './document-errors.ts'

/** `conflict`: another writer changed this row first. An Error: this row alone was refused, or must be sent again. */
export type Written = 'written' | 'conflict' | Error

/** Inserts all new rows; a bad row does not affect the others. */
export const insertAll = async (
  collection: Collection<DeliveryDocument>,
  rows: readonly Delivery[],
): Promise<Written[]> => {
  const results = rows.map((): Written => 'written')
  try {
    await collection.insertMany(rows.map(toDocument), { ordered: false })
  } catch (error) {
    for (const [index, result] of errorsOfDocuments(error)) results[index] = result
  }
  return results
}

/** Replaces each row's previous revision. The server does not report which rows of a batch it did not find, so all then count as conflicts. */
export const replaceAll = async (
  collection: Collection<DeliveryDocument>,
  rows: readonly Delivery[],
): Promise<Written[]> => {
  const results = rows.map((): Written => 'written')
  const operations = rows.map(row => {
    const { _id, ...replacement } = toDocument(row)
    return { replaceOne: { filter: { _id, revision: row.revision - 1 }, replacement } }
  })
  try {
    const { matchedCount } = await collection.bulkWrite(operations, { ordered: false })
    if (matchedCount === rows.length) return results
  } catch (error) {
    for (const [index, result] of errorsOfDocuments(error)) results[index] = result
  }
  return results.map(result => (result instanceof Error ? result : 'conflict'))
}

/** Merges a write with the one that was first, and returns the stored row. A row that was removed stays removed. */
export const reconcile = async (collection: Collection<DeliveryDocument>, ours: Delivery): Promise<Delivery> => {
  for (;;) {
    const found = await collection.findOne({ _id: ours.id })
    if (found === null) return ours
    const theirs = toDelivery(found)
    if (isSame(theirs, ours)) return ours
    const merged = mergeRows(theirs, ours)
    const { _id, ...replacement } = toDocument(merged)
    const { matchedCount } = await collection.replaceOne({ _id, revision: theirs.revision }, replacement)
    if (matchedCount === 1) return merged
  }
}

/** True when the write had succeeded and only its answer was lost. */
const isSame = (a: Delivery, b: Delivery): boolean =>
  a.revision === b.revision &&
  a.updatedAt === b.updatedAt &&
  a.status === b.status &&
  a.attempts.at(-1)?.spanId === b.attempts.at(-1)?.spanId
