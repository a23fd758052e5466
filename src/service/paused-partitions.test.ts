import test from 'ava'
import { createPausedPartitions } from './paused-partitions.ts'

test('a partition counts as paused until it has run for a minute, or is given up', t => {
  let now = 1_000
  const { paused, closed, numbers } = createPausedPartitions(() => now)
  t.deepEqual(numbers(), [])
  paused(3, 30_000)
  paused(5, 60_000)
  paused(7, 60_000)
  closed(7)
  closed(9)
  t.deepEqual(numbers(), [3, 5])
  now += 89_999
  t.deepEqual(numbers(), [3, 5])
  now += 1
  t.deepEqual(numbers(), [5])
  paused(5, 120_000)
  now += 179_999
  t.deepEqual(numbers(), [5])
  now += 1
  t.deepEqual(numbers(), [])
})
