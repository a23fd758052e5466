import test from 'ava'
import fc from 'fast-check'
import { isNestedDeeper } from './nesting.ts'

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Object.values(value).reduce<number>((most, inner) => Math.max(most, depthOf(inner)), 0)
    : 0

test('lists and objects may be nested to a depth and not deeper, however they are mixed', t => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(6), (value, levels) => {
      t.is(isNestedDeeper(value, levels), depthOf(value) > levels)
    }),
  )
  for (const [value, levels, expected] of [
    [null, 0, false],
    [[], 0, true],
    [{}, 0, true],
    [[], 1, false],
    [{ a: 1, b: [null, [1]] }, 3, false],
    [{ a: 1, b: [null, [1]] }, 2, true],
  ] as const)
    t.is(isNestedDeeper(value, levels), expected)
})

test('a value that is as deep as its text is long does no harm', t => {
  const deep: unknown = JSON.parse('['.repeat(60_000) + ']'.repeat(60_000))
  t.true(isNestedDeeper(deep, 32))
})
