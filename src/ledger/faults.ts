import { MongoError, MongoServerError } from 'mongodb'
import { errorText } from '../domain/error-text.ts'
import { Failure } from '../domain/failure.ts'

const duplicateKey = 11_000

export const isDuplicate = (error: unknown): boolean => error instanceof MongoServerError && error.code === duplicateKey

/** An insertion that may have been made before. */
export const unlessThere = (insertion: Promise<unknown>): Promise<unknown> =>
  insertion.catch((error: unknown) => {
    if (!isDuplicate(error)) throw error
  })

/** A document that its collection's validator refused. This is a defect, which waiting does not fix. */
const documentInvalid = 121

export const isRefusedDocument = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === documentInvalid

/** A driver's error as a Failure. Other errors, and documents that a validator refused, are defects and pass unchanged. */
export const failureOfLedger = (error: unknown): unknown =>
  !(error instanceof MongoError) || isRefusedDocument(error)
    ? error
    : unavailable(`${errorText(error)}: ${remedyOf(error)}`, error)

export const unavailable = (internal: string, cause?: unknown): Failure =>
  new Failure('ledger_unavailable', 'The delivery log cannot be reached. Retry the request.', {
    retryAfterS: 5,
    cause,
    internal,
  })

/** MongoDB's code for a command that the user's roles do not allow. */
const unauthorized = 13

const remedyOf = (error: MongoError): string =>
  error instanceof MongoServerError && error.code === unauthorized
    ? 'grant the user of MONGODB_URL the roles readWrite and dbAdmin on its database'
    : away

const away = 'check that mongod runs, has a primary, and that MONGODB_URL names it'

/**
 * Far longer than any command of a check-in takes. A write that ends later is not lost: its repetition finds it stored, as after an answer that
 * was lost on the way.
 */
export const answerWithinMs = 15_000

/**
 * Turns the errors of a command into Failures, and a command that never settles as well: when the driver (7.9) writes a command at the moment
 * its connection closes, the command waits without end for a `drain` of that connection, and the driver's timeouts and retries miss it.
 */
export const guarded = async <T>(work: Promise<T>, withinMs = answerWithinMs): Promise<T> => {
  const { promise: noAnswer, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(unavailable(`no answer within ${withinMs} ms: ${away}`)), withinMs)
  try {
    return await Promise.race([work, noAnswer])
  } catch (error) {
    throw failureOfLedger(error)
  } finally {
    clearTimeout(timer)
  }
}

/** Turns the errors of a command into Failures, without a time limit: for commands that take as long as the data is large, such as an index. */
export const unhurried = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (error) {
    throw failureOfLedger(error)
  }
}

/** Reads all documents of a cursor, and turns its errors into Failures. */
export async function* unhurriedly<T>(documents: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* documents
  } catch (error) {
    throw failureOfLedger(error)
  }
}
