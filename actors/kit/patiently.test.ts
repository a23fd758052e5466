import test from 'ava'
import { lastValueFrom } from 'rxjs'
import { settled, virtualTime } from '../../test/support/virtual-time.ts'
import { patiently } from './patiently.ts'

const patience = (waits: unknown[]) => ({
  passes: (error: unknown) => error === 'away',
  onWait: (error: unknown, delayMs: number) => void waits.push([error, delayMs]),
})

test.serial('work that fails for a reason that passes is repeated after 100 ms, doubling to 5 s', async t => {
  const time = virtualTime(t)
  const waits: unknown[] = []
  const tries: number[] = []
  const work = () => {
    tries.push(Date.now())
    return tries.length < 9 ? Promise.reject('away') : Promise.resolve('done')
  }
  const done = lastValueFrom(patiently(patience(waits), work))
  await time.pass(17_000)
  t.is(await done, 'done')
  const delays = [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]
  t.deepEqual(
    waits,
    delays.map(delayMs => ['away', delayMs]),
  )
  t.deepEqual(
    tries.slice(1).map((at, n) => at - (tries[n] ?? 0)),
    delays,
  )
})

test.serial('its delays can be set', async t => {
  const time = virtualTime(t)
  const waits: unknown[] = []
  const work = () => Promise.reject('away')
  const waiting = patiently({ ...patience(waits), firstDelayMs: 2, maxDelayMs: 5 }, work).subscribe()
  await time.pass(15)
  waiting.unsubscribe()
  t.deepEqual(
    waits,
    [2, 4, 5, 5].map(delayMs => ['away', delayMs]),
  )
})

test('any other failure is passed on at once', async t => {
  const waits: unknown[] = []
  const error = new Error('broken')
  t.is(await t.throwsAsync(lastValueFrom(patiently(patience(waits), () => Promise.reject(error)))), error)
  t.deepEqual(waits, [])
})

test('work that has lost its subscriber is not repeated', async t => {
  const waits: unknown[] = []
  const { promise: failed, reject } = Promise.withResolvers<never>()
  const waiting = patiently(patience(waits), () => failed).subscribe()
  waiting.unsubscribe()
  reject('away')
  await t.throwsAsync(failed, { any: true })
  await settled()
  t.deepEqual(waits, [])
})
