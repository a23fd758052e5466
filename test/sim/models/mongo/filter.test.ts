import test from 'ava'
import fc from 'fast-check'
import { Query } from 'mingo'
import { compileFilter } from './filter.ts'
import type { Doc } from './values.ts'

const value = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom('', 'a', 'b', true, false, null),
  fc.constant([1, 'a']),
  fc.constant({ inner: 1 }),
)
const scalar = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('', 'a', 'b', true, false))
const operators = fc.oneof(
  ...['$gt', '$gte', '$lt', '$lte', '$ne'].map(name => scalar.map(operand => ({ [name]: operand }))),
  fc.boolean().map($exists => ({ $exists })),
  fc.array(scalar, { maxLength: 3 }).map($in => ({ $in })),
)
const condition = fc.oneof(scalar, operators)
const fields = <T>(of: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom('a', 'b', 'c'), of, { maxKeys: 3, noNullPrototype: true })
const ports = { now: () => 0 }

test('the filters that are decided without mingo are decided as mingo does', t => {
  fc.assert(
    fc.property(fields(value), fields(condition), (document, filter) => {
      const expected = new Query(filter).test(document)
      t.is(compileFilter(filter as Doc, ports)(document), expected, JSON.stringify([document, filter]))
    }),
    { numRuns: 2_000 },
  )
})
