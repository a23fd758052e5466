import type { Static, TSchema } from 'typebox'
import { Failure, type Fault } from '../../domain/failure.ts'
import { compileCheck } from '../../intake/validation.ts'

/** Compiles the check of a request’s body. The check returns the body, or throws Failure `invalid_request` with a pointer to each fault. */
export const createBodyCheck = <S extends TSchema>(schema: S): ((value: unknown) => Static<S>) => {
  const check = compileCheck(schema)
  return value => {
    refuse(check(value))
    return value as Static<S>
  }
}

/** Throws Failure `invalid_request` if there is a fault. */
export const refuse = (faults: readonly Fault[]): void => {
  const [first] = faults
  if (first === undefined) return
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  throw new Failure('invalid_request', `${first.pointer || 'The body'} ${first.detail}${more}.`, { faults })
}
