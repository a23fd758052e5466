import test from 'ava'
import { documentedTable, page } from '../../test/support/documented-table.ts'
import { defaultRetry } from '../domain/retry.ts'
import { createSeenIds } from './seen-ids.ts'

const defaultOf = (option: string) =>
  Number(
    documentedTable('docs/receivers.md', 'Options')
      .find(([name]) => name === `\`${option}\``)
      ?.at(-1),
  )

test('an id is remembered for as long as receivers.md says by default: longer than the default retries take', t => {
  const ttlMs = defaultOf('ttlMs')
  t.true(page('docs/receivers.md').includes(`(${ttlMs / 86_400_000} days with the default policy)`))
  t.true(ttlMs > 1.2 * defaultRetry.delaysMs.reduce((sum, ms) => sum + ms, 0))
  let now = 1
  const seen = createSeenIds({ now: () => now })
  t.false(seen.has('a'))
  void seen.add('a')
  now += ttlMs - 1
  t.true(seen.has('a'))
  now += 1
  t.false(seen.has('a'))
})

test('ids are remembered by the real clock unless the caller has another', t => {
  const seen = createSeenIds()
  void seen.add('a')
  t.true(seen.has('a'))
  const brief = createSeenIds({ ttlMs: 0 })
  void brief.add('a')
  t.false(brief.has('a'))
})

test('a number that is missing is named at the start: no id would be remembered, or each for ever', t => {
  for (const capacity of [0, -1, Number.NaN])
    t.throws(() => createSeenIds({ capacity }), { instanceOf: RangeError, message: /capacity/ })
  for (const ttlMs of [-1, Number.NaN])
    t.throws(() => createSeenIds({ ttlMs }), { instanceOf: RangeError, message: /ttlMs/ })
})

test('when the capacity is reached, the oldest id is forgotten', t => {
  const seen = createSeenIds({ capacity: 2 })
  for (const id of ['a', 'b']) void seen.add(id)
  t.deepEqual([seen.has('a'), seen.has('b')], [true, true])
  void seen.add('c')
  t.deepEqual([seen.has('a'), seen.has('b'), seen.has('c')], [false, true, true])
})

test('as many ids are remembered by default as receivers.md says', t => {
  const [seen, capacity] = [createSeenIds(), defaultOf('capacity')]
  for (let id = 0; id < capacity; id += 1) void seen.add(String(id))
  t.true(seen.has('0'))
  void seen.add('one more')
  t.deepEqual([seen.has('0'), seen.has('1')], [false, true])
})

test('an id that is processed again, as by a replay, takes no second place and is the newest', t => {
  const seen = createSeenIds({ capacity: 3 })
  for (const id of ['a', 'b', 'c', 'b']) void seen.add(id)
  t.deepEqual(
    ['a', 'b', 'c'].map(id => seen.has(id)),
    [true, true, true],
  )
  for (const id of ['d', 'e']) void seen.add(id)
  t.deepEqual(
    ['a', 'b', 'c', 'd', 'e'].map(id => seen.has(id)),
    [false, true, false, true, true],
  )
})
