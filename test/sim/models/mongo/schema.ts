import type { Doc } from './values.ts'

export type Validates = (value: unknown) => boolean

/** Compiles the part of `$jsonSchema` that the ledger's validators use; a keyword that is not known here throws. */
export const compileSchema = (schema: Doc): Validates => {
  const tests = Object.entries(schema).map(([keyword, operand]) => {
    const compile = keywords[keyword]
    if (compile === undefined) throw new Error(`the model of MongoDB does not know the keyword ${keyword}`)
    return compile(operand as never, schema)
  })
  return value => tests.every(test => test(value))
}

const int32 = 2 ** 31

const typeOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Date) return 'date'
  // The driver stores an integer of 32 bits as `int`, and every other number as `double`.
  if (typeof value === 'number')
    return Number.isInteger(value) && value >= -int32 && value < int32 && !Object.is(value, -0) ? 'int' : 'double'
  if (typeof value === 'boolean') return 'bool'
  return typeof value
}

const ofNumbers =
  (test: (value: number) => boolean): Validates =>
  value =>
    typeof value !== 'number' || test(value)
const ofArrays =
  (test: (value: readonly unknown[]) => boolean): Validates =>
  value =>
    !Array.isArray(value) || test(value)
const ofObjects =
  (test: (value: Doc) => boolean): Validates =>
  value =>
    typeOf(value) !== 'object' || test(value as Doc)

/** PCRE's `$` stands before a last line break, too. */
const regExpOf = (pattern: string): RegExp => new RegExp(pattern.replace(/\$$/, '\\n?$'))

const keywords: Readonly<Record<string, (operand: never, schema: Doc) => Validates>> = {
  bsonType: (types: string | readonly string[]) => {
    const wanted = [types].flat()
    return value => wanted.includes(typeOf(value))
  },
  enum: (values: readonly unknown[]) => value => values.includes(value),
  pattern: (pattern: string) => {
    const regExp = regExpOf(pattern)
    return value => typeof value !== 'string' || regExp.test(value)
  },
  minimum: (least: number) => ofNumbers(value => value >= least),
  maximum: (most: number) => ofNumbers(value => value <= most),
  minItems: (least: number) => ofArrays(value => value.length >= least),
  items: (schema: Doc) => {
    const test = compileSchema(schema)
    return ofArrays(value => value.every(test))
  },
  required: (fields: readonly string[]) => ofObjects(value => fields.every(field => value[field] !== undefined)),
  properties: (schemas: Record<string, Doc>) => {
    const tests = Object.entries(schemas).map(([field, schema]) => [field, compileSchema(schema)] as const)
    return ofObjects(value => tests.every(([field, test]) => value[field] === undefined || test(value[field])))
  },
  additionalProperties: (schema: Doc, { properties = {} }: Doc) => {
    const test = compileSchema(schema)
    const isNamed = (field: string) => Object.hasOwn(properties as Doc, field)
    return ofObjects(value => Object.entries(value).every(([field, each]) => isNamed(field) || test(each)))
  },
}
