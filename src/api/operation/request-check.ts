import { Failure } from '../../domain/failure.ts'
import { compileCheck } from '../../intake/validation.ts'

/** A body of the given schema, compiled once. Throws Failure `invalid_request` with every fault's pointer. */
export const createRequestCheck = <T>(schema: object): ((value: unknown) => T) => {
  const check = compileCheck(schema)
  return value => {
    const faults = check(value)
    const [first] = faults
    if (first === undefined) return value as T
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
    throw new Failure('invalid_request', `${first.pointer || 'The body'} ${first.detail}${more}.`, { faults })
  }
}
