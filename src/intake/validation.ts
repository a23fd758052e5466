import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import * as formats from 'ajv-formats'
import type { Fault } from '../domain/failure.ts'

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
formats.default.default(ajv)

/** A schema made ready once: tells what is wrong with a value, by JSON Pointer and with the remedy. Empty: nothing. */
export type Check = (value: unknown) => readonly Fault[]

/** At most this many faults are told: enough to mend a request, too few to fill a log. */
const maxFaults = 10

/** Compiles a JSON Schema (2020-12). `at` is the pointer of the value within the request. */
export const compileCheck = (schema: object, at = ''): Check => {
  const validate: ValidateFunction = ajv.compile(schema)
  return value => (validate(value) ? [] : readFaults(validate.errors ?? [], at))
}

const readFaults = (errors: readonly ErrorObject[], at: string): Fault[] => {
  // A union reports every branch and then itself: the branches say more, unless there is nothing else.
  const telling = errors.filter(({ keyword }) => keyword !== 'anyOf')
  return (telling.length > 0 ? telling : errors).slice(0, maxFaults).map(error => ({
    pointer: at + error.instancePath + lastStep(error),
    detail: describe(error),
  }))
}

const lastStep = ({ keyword, params }: ErrorObject): string => {
  if (keyword === 'required') return `/${String(params['missingProperty'])}`
  if (keyword === 'additionalProperties')
    return `/${String(params['additionalProperty']).replaceAll('~', '~0').replaceAll('/', '~1')}`
  return ''
}

const describe = ({ keyword, params, message = 'is not valid' }: ErrorObject): string => {
  switch (keyword) {
    case 'required':
      return 'is required'
    case 'additionalProperties':
      return 'is not known here: remove it, or correct its name'
    case 'enum':
      return `must be one of: ${(params['allowedValues'] as unknown[]).map(String).join(', ')}`
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}`
    case 'pattern':
      return `must match ${String(params['pattern'])}`
    case 'format':
      return `must be a ${String(params['format'])}`
    default:
      return message
  }
}
