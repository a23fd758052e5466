import test from 'ava'
import { lastValueFrom } from 'rxjs'
import { patiently } from './patiently.ts'

const patience = (waits: number[]) => ({
  passes: (error: unknown) => error === 'away',
  onWait: (_: unknown, delayMs: number) => void waits.push(delayMs),
  firstDelayMs: 2,
  maxDelayMs: 4,
})

test('work that fails for a reason that passes is repeated with growing, bounded delays', async t => {
  const waits: number[] = []
  let tries = 0
  const work = () => ((tries += 1) < 5 ? Promise.reject('away') : Promise.resolve('done'))
  t.is(await lastValueFrom(patiently(patience(waits), work)), 'done')
  t.deepEqual(waits, [2, 4, 4, 4])
})

test('any other failure is passed on at once', async t => {
  const waits: number[] = []
  const error = new Error('broken')
  t.is(await t.throwsAsync(lastValueFrom(patiently(patience(waits), () => Promise.reject(error)))), error)
  t.deepEqual(waits, [])
})

test('work that has lost its subscriber is not repeated', async t => {
  const waits: number[] = []
  const { promise: failed, reject } = Promise.withResolvers<never>()
  const waiting = patiently(patience(waits), () => failed).subscribe()
  waiting.unsubscribe()
  reject('away')
  await t.throwsAsync(failed, { any: true })
  t.deepEqual(waits, [])
})
