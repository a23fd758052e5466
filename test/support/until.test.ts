import test from 'ava'
import { until } from './until.ts'

test('a test waits for the wanted answer, and fails with the last one if it does not come', async t => {
  let asked = 0
  const ask = () => (asked += 1)
  t.is(await until(ask, answer => answer === 3), 3)
  asked = 0
  await t.throwsAsync(
    until(ask, answer => answer === 4, 3),
    { message: /\(3 questions\); the last answer was 3/ },
  )
  t.is(asked, 3)
})
