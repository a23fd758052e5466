import test from 'ava'
import { mergePatch } from './merge-patch.ts'

// RFC 7396, appendix A.
for (const [target, patch, result] of [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
] as const) {
  test(`${JSON.stringify(target)} patched with ${JSON.stringify(patch)} is ${JSON.stringify(result)}`, t => {
    t.deepEqual(mergePatch(target, patch), result)
  })
}

test('a retry policy of the other form replaces the old one, since they exclude each other', t => {
  t.deepEqual(mergePatch({ retry: { delaysMs: [1] } }, { retry: { maxAttempts: 2 } }), { retry: { maxAttempts: 2 } })
})

test('a retry policy of the same form is merged', t => {
  const retry = { maxAttempts: 2, factor: 3 }
  t.deepEqual(mergePatch({ retry }, { retry: { maxAttempts: 4 } }), { retry: { maxAttempts: 4, factor: 3 } })
})
