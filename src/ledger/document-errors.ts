import { MongoBulkWriteError, MongoInvalidArgumentError } from 'mongodb'
import { Failure } from '../domain/failure.ts'
import { unavailable } from './faults.ts'

/** Another writer was first with this document. */
const duplicateKey = 11_000
/** Codes that mean the document itself: its validator, its values or its size. They say the same however often it is sent. */
const refusals = new Set([2, 9, 14, 121, 10_334, 17_280, 17_419])

/** The document cannot be stored: this is the fault of what it is about, and waiting does not fix it. */
const refused = (code: string, cause?: unknown): Failure =>
  new Failure('internal', `The ledger refuses this document (${code}).`, { cause })

/**
 * Returns what became of the single documents of an unordered batch that were not written, by their place in it: another writer was first, or a
 * Failure. One that is not the document's own fault is `ledger_unavailable`, so that this document alone is sent again. Throws any other
 * error, such as an unreachable server, or documents that a majority did not confirm.
 */
export const errorsOfDocuments = (error: unknown): ReadonlyMap<number, 'conflict' | Failure> => {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError() !== undefined) throw error
  const errors = [error.writeErrors].flat()
  if (errors.length === 0) throw error
  return new Map(errors.map(({ index, code }) => [index, resultOf(code)]))
}

const resultOf = (code: number): 'conflict' | Failure => {
  if (code === duplicateKey) return 'conflict'
  return refusals.has(code) ? refused(String(code)) : unavailable(`a write failed with code ${code}`)
}

/**
 * Writes a batch. A document that the driver itself refuses, because it is too large or cannot be encoded, fails the whole batch before it is sent:
 * then each is written alone, so that only this one fails.
 */
export const eachAlone = async <T, R>(
  documents: readonly T[],
  write: (documents: readonly T[]) => Promise<(R | Error)[]>,
): Promise<(R | Error)[]> => {
  try {
    return await write(documents)
  } catch (error) {
    if (!isOfEncoding(error)) throw error
    if (documents.length === 1) return [refused((error as Error).name, error)]
    return (await Promise.all(documents.map(document => eachAlone([document], write)))).flat()
  }
}

/** The driver's own check of a document, and BSON's (its errors are none of the driver's). */
const isOfEncoding = (error: unknown): boolean =>
  error instanceof MongoInvalidArgumentError || (error instanceof Error && error.name.startsWith('BSON'))
