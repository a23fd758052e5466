import { MongoError, MongoServerError } from 'mongodb'
import { Failure } from '../domain/failure.ts'

const duplicateKey = 11_000

export const isDuplicate = (error: unknown): boolean => error instanceof MongoServerError && error.code === duplicateKey

/** 121: a document that its collection's validator refused. That is a defect of ours, and waiting does not mend it. */
const documentInvalid = 121

/** A driver's error as a Failure; anything else, and what a validator refused, is a defect and passes unchanged. */
export const failureOfLedger = (error: unknown): unknown => {
  if (!(error instanceof MongoError) || (error instanceof MongoServerError && error.code === documentInvalid))
    return error
  return new Failure('ledger_unavailable', 'The delivery log is out of reach. Try again.', {
    retryAfterS: 5,
    cause: error,
    internal: `${error.message}: check that mongod runs, has a primary, and that MONGODB_URL names it`,
  })
}

/** The same work, its errors as Failures. */
export const guarded = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (error) {
    throw failureOfLedger(error)
  }
}
