import test from 'ava'
import { createReadiness } from './readiness.ts'

const ok = async () => undefined
const none = () => []
/** A wait that ends at once, as if the time had passed, and notes how long it would have been. */
const over = (waits: number[]) => (delayMs: number) => Promise.resolve(void waits.push(delayMs))

test('a process is ready when both servers answer and it is not stopping', async t => {
  const waiting: AbortSignal[] = []
  const wait = (_: number, signal: AbortSignal) => new Promise<void>(() => waiting.push(signal))
  t.deepEqual(await createReadiness({ nats: ok, mongodb: ok, isStopping: () => false, broken: none, wait })(), {
    nats: 'ok',
    mongodb: 'ok',
    process: 'ok',
  })
  t.deepEqual(
    waiting.map(({ aborted }) => aborted),
    [true, true],
    'no timer is left',
  )
})

test('a process is not ready when a server does not answer, and the answer names it and what is wrong', async t => {
  const refused = () =>
    Promise.reject(Object.assign(new Error('private'), { code: 'ECONNREFUSED', syscall: 'connect' }))
  const wait = () => new Promise<void>(() => undefined)
  t.deepEqual(await createReadiness({ nats: refused, mongodb: ok, isStopping: () => false, broken: none, wait })(), {
    nats: 'Error ECONNREFUSED connect',
    mongodb: 'ok',
    process: 'ok',
  })
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  const odd = () => Promise.reject('odd')
  t.deepEqual(await createReadiness({ nats: ok, mongodb: odd, isStopping: () => false, broken: none, wait })(), {
    nats: 'ok',
    mongodb: 'string',
    process: 'ok',
  })
})

test('a server that hangs is reported after 2 s, and a process that is stopping says so', async t => {
  const waits: number[] = []
  const hangs = () => new Promise(() => undefined)
  t.deepEqual(
    await createReadiness({ nats: hangs, mongodb: hangs, isStopping: () => true, broken: none, wait: over(waits) })(),
    {
      nats: 'does not answer within 2 s',
      mongodb: 'does not answer within 2 s',
      process: 'is stopping',
    },
  )
  t.deepEqual(waits, [2_000, 2_000])
})

test('what a promise depends on is named, with what no longer holds and what to do', async t => {
  const broken = () => [
    {
      system: 'nats',
      object: 'stream VISITS',
      difference: 'is sealed',
      outcome: 'broken',
      promise: 'No event can be accepted.',
      remedy: 'Restore a backup.',
      refusesEvents: true,
    } as const,
  ]
  const wait = () => new Promise<void>(() => undefined)
  t.deepEqual(await createReadiness({ nats: ok, mongodb: ok, isStopping: () => false, broken, wait })(), {
    nats: 'ok',
    mongodb: 'ok',
    process: 'ok',
    'stream VISITS': 'is sealed. No event can be accepted. Restore a backup.',
  })
})
