import { type Collection, MongoBulkWriteError } from 'mongodb'
import { type Delivery, mergeRows } from '../domain/delivery.ts'
import { type DeliveryDocument, toDelivery, toDocument } from './delivery-document.ts'

/** `met_another`: somebody else wrote this row meanwhile. An Error: the validator refused it, which is a defect of ours. */
export type Written = 'written' | 'met_another' | Error

const duplicateKey = 11_000
const documentInvalid = 121

/** Inserts all that are new; one bad row spoils no other. */
export const insertAll = async (
  collection: Collection<DeliveryDocument>,
  rows: readonly Delivery[],
): Promise<Written[]> => {
  const results = rows.map((): Written => 'written')
  try {
    await collection.insertMany(rows.map(toDocument), { ordered: false })
  } catch (error) {
    for (const { index, code, errmsg } of writeErrorsOf(error))
      results[index] = code === duplicateKey ? 'met_another' : new Error(errmsg)
  }
  return results
}

/** Replaces each row's last revision. The server does not tell which of a batch it did not find, so they are looked at once more. */
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
    for (const { index, errmsg } of writeErrorsOf(error)) results[index] = new Error(errmsg)
  }
  return results.map(result => (result instanceof Error ? result : 'met_another'))
}

/** Errors of single rows; anything else, such as a server that is away, is thrown on. */
const writeErrorsOf = (error: unknown) => {
  const errors = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : []
  if (errors.length === 0 || errors.some(({ code }) => code !== duplicateKey && code !== documentInvalid)) throw error
  return errors
}

/** Brings a write together with the one it met, and answers with what stands then. A row that was erased stays erased. */
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

/** The write had succeeded, and only its answer was lost. */
const isSame = (a: Delivery, b: Delivery): boolean =>
  a.revision === b.revision &&
  a.updatedAt === b.updatedAt &&
  a.status === b.status &&
  a.attempts.at(-1)?.spanId === b.attempts.at(-1)?.spanId
