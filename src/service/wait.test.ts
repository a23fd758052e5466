import test from 'ava'
import { wait } from './wait.ts'

test('a wait lasts its time, and ends at once without a timer when it is aborted', async t => {
  const startedAt = performance.now()
  await wait(20, new AbortController().signal)
  t.true(performance.now() - startedAt >= 19)
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const before = timers()
  const stop = new AbortController()
  const waiting = wait(3_600_000, stop.signal)
  t.is(timers(), before + 1)
  stop.abort()
  await waiting
  t.is(timers(), before)
})
