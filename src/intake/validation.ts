import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import * as formats from 'ajv-formats'
import type { Fault } from '../domain/failure.ts'
import { isDateTime } from './date-time.ts'
import { helpfulErrors } from './union-faults.ts'

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
formats.default.default(ajv)
ajv.addFormat('date-time', isDateTime)

/** Returns the faults of a value, each with its JSON Pointer; an empty list means valid. */
export type Check = (value: unknown) => readonly Fault[]

/** Most faults that are reported: enough to fix a request, too few to fill a log. */
const maxFaults = 10

/** Compiles a JSON Schema (2020-12). `at` is the pointer of the value within the request. */
export const compileCheck = (schema: object, at = ''): Check => {
  const validate: ValidateFunction = ajv.compile(schema)
  return value => (validate(value) ? [] : readFaults(validate.errors ?? [], at))
}

const readFaults = (errors: readonly ErrorObject[], at: string): Fault[] =>
  helpfulErrors(errors)
    .slice(0, maxFaults)
    .map(error => ({ pointer: at + error.instancePath + lastStep(error), detail: describe(error) }))

const lastStep = ({ keyword, params }: ErrorObject): string => {
  if (keyword === 'required') return pointerStep(String(params['missingProperty']))
  if (keyword === 'additionalProperties') return pointerStep(String(params['additionalProperty']))
  return ''
}

/** One step of a JSON Pointer (RFC 6901 §3). */
export const pointerStep = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`

/** The description of each format. */
const looks: Readonly<Record<string, string>> = {
  'date-time': 'must be a date-time of RFC 3339, for example 2026-03-02T08:56:12Z',
  email: 'must be an e-mail address',
}

const describe = ({ keyword, params, message = 'is not valid' }: ErrorObject): string => {
  switch (keyword) {
    case 'required':
      return 'is required'
    case 'additionalProperties':
      return 'is not a known field: remove it, or correct its name'
    case 'enum':
      return `must be one of: ${(params['allowedValues'] as unknown[]).map(String).join(', ')}`
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}`
    case 'pattern':
      return `must match ${String(params['pattern'])}`
    case 'format':
      return looks[String(params['format'])] ?? `must be a ${String(params['format'])}`
    default:
      return message
  }
}
