import { Failure } from '../domain/failure.ts'
import { CannotOpen } from '../signing/sealer.ts'

/** Awaits work that decrypts stored data. Throws Failure `invalid_settings` when the data was encrypted with a key that this process does not have. */
export const refuseWrongKey = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw error instanceof CannotOpen ? new Failure('invalid_settings', error.message, { cause: error }) : error
  })
