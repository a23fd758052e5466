import { Query } from 'mingo'
import type { ModelPorts } from '../ports.ts'
import { compare, type Doc } from './values.ts'

export type Matches = (document: Doc) => boolean

/**
 * Compiles a filter. The simple conditions of nearly all queries are decided here, since mingo needs 14 µs to compile a filter and 1.4 µs for
 * each document; it decides everything else.
 */
export const compileFilter = (filter: Doc, { now }: Pick<ModelPorts, 'now'>): Matches => {
  const tests: Matches[] = []
  for (const field in filter) {
    const simple = simpleTest(field, filter[field])
    if (simple === null) return whole(filter, now)
    tests.push(simple)
  }
  return document => {
    for (const test of tests) if (!test(document)) return false
    return true
  }
}

const whole = (filter: Doc, now: () => number): Matches => {
  const query = new Query(withNow(filter, new Date(now())) as Doc)
  return document => query.test(document)
}

/** mingo would take `$$NOW` from the clock of this process. */
export const withNow = (value: unknown, now: Date): unknown => {
  if (value === '$$NOW') return now
  if (Array.isArray(value)) return value.map(each => withNow(each, now))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withNow(each, now)]))
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** Null: mingo decides. */
const simpleTest = (field: string, condition: unknown): Matches | null => {
  if (field.startsWith('$') || field.includes('.')) return null
  // An array matches by its elements, too, which only mingo knows.
  if (isScalar(condition)) return document => hit(document[field], value => value === condition)
  if (typeof condition !== 'object' || condition === null || Object.getPrototypeOf(condition) !== Object.prototype)
    return null
  const tests: Matches[] = []
  for (const [operator, operand] of Object.entries(condition as Doc)) {
    const test = operatorTest(field, operator, operand)
    if (test === null) return null
    tests.push(test)
  }
  return document => tests.every(test => test(document))
}

const operatorTest = (field: string, operator: string, operand: unknown): Matches | null => {
  if (operator === '$exists') return document => (document[field] !== undefined) === Boolean(operand)
  if (operator === '$in' && Array.isArray(operand) && operand.every(isScalar)) {
    const set = new Set<unknown>(operand)
    return document => hit(document[field], value => set.has(value))
  }
  if (!isScalar(operand)) return null
  if (operator === '$ne') return document => !hit(document[field], value => value === operand)
  const isWanted = comparisons[operator]
  if (isWanted === undefined) return null
  return document => hit(document[field], value => typeof value === typeof operand && isWanted(compare(value, operand)))
}

/** An array matches if one of its elements does. */
const hit = (value: unknown, test: (value: unknown) => boolean): boolean =>
  Array.isArray(value) ? value.some(test) : test(value)

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  $gt: order => order > 0,
  $gte: order => order >= 0,
  $lt: order => order < 0,
  $lte: order => order <= 0,
}
