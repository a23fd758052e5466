import test from 'ava'
import { dayMs } from './time.ts'

test('a day of retention has 24 hours', t => {
  t.is(dayMs, 86_400_000)
})
