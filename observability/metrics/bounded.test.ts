import test from 'ava'
import { createBounded } from './bounded.ts'

const hour = 60 * 60_000

test('beyond 500 ids all count for `other`, and one that was idle for an hour makes room', t => {
  let now = 0
  const counts = createBounded(
    () => ({ count: 0 }),
    () => now,
  )
  for (let id = 0; id < 600; id += 1) counts.of(`sub_${id}`).count += 1
  const seen = () => [...counts.entries()]
  t.is(seen().length, 501)
  t.deepEqual(seen().at(-1), ['other', { count: 100 }])
  now = hour - 1
  counts.of('sub_7').count += 1
  now = hour + 1
  t.deepEqual(seen(), [
    ['sub_7', { count: 2 }],
    ['other', { count: 100 }],
  ])
  counts.of('sub_599').count += 1
  t.deepEqual(seen()[1], ['sub_599', { count: 1 }])
})
