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

/**
 * Far longer than anything takes that a check-in waits for. What ends later than this was not lost: whoever writes it again finds it
 * there, as after an answer that was lost on the way.
 */
const answerWithinMs = 15_000

/**
 * The same work, its errors as Failures, and a Failure too when it does not end: a command that the driver (7.9) writes in the very moment
 * its connection closes waits for ever for a `drain` of that connection, and neither its timeouts nor its retries see it.
 */
export const guarded = async <T>(work: Promise<T>, withinMs = answerWithinMs): Promise<T> => {
  const { promise: noAnswer, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new MongoError(`no answer within ${withinMs} ms`)), withinMs)
  try {
    return await Promise.race([work, noAnswer])
  } catch (error) {
    throw failureOfLedger(error)
  } finally {
    clearTimeout(timer)
  }
}

/** For work whose length is that of the data, such as an index: its errors as Failures. */
export const unhurried = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (error) {
    throw failureOfLedger(error)
  }
}
