import { Failure } from '../domain/failure.ts'
import { CannotOpen } from '../signing/sealer.ts'

/** Start-up work that decrypts stored data. Throws Failure `invalid_settings` when this process has another key than the one that encrypted it. */
export const refuseWrongKey = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw error instanceof CannotOpen ? new Failure('invalid_settings', error.message, { cause: error }) : error
  })
