import test from 'ava'
import { virtualTime } from '../../test/support/virtual-time.ts'
import { systemClock } from './clock.ts'

test('a moment has the time of the system, and chance between 0 and 1 that differs from moment to moment', async t => {
  const time = virtualTime(t, 1_000)
  t.is(systemClock().now, 1_000)
  await time.pass(5)
  t.is(systemClock().now, 1_005)
  const chances = Array.from({ length: 20 }, () => systemClock().chance)
  t.true(chances.every(chance => chance >= 0 && chance < 1))
  t.true(new Set(chances).size > 10)
})
