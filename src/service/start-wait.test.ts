import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { settled } from '../../test/support/virtual-time.ts'
import type { Log } from '../../observability/log.ts'
import { Failure } from '../domain/failure.ts'
import { createStartWait } from './start-wait.ts'

const begunAt = Date.parse('2026-03-02T09:00:00Z')
const since = '2026-03-02T09:00:00.000Z'
const away = new Failure('ledger_unavailable', 'MongoDB does not answer')
const remedy = 'see the error: the start continues by itself as soon as this is there'

/** A start whose time the test passes. */
const waiting = () => {
  const { ports, lines } = fakePorts<{ log: Log }>()
  /** Level, time waited and text of each line. */
  const logged = () => lines.map(([level, fields, text]) => [level, (fields as { waitedMs: number }).waitedMs, text])
  const stopping = new AbortController()
  let now = begunAt
  const timers = new Set<{ at: number; ring: () => void }>()
  const wait = (delayMs: number, signal: AbortSignal) =>
    new Promise<void>(resolve => {
      const timer = { at: now + delayMs, ring: resolve }
      timers.add(timer)
      signal.addEventListener('abort', () => (timers.delete(timer), resolve()))
    })
  const pass = async (ms: number) => {
    for (const until = now + ms; ;) {
      await settled()
      const [next] = [...timers].toSorted((x, y) => x.at - y.at)
      if (next === undefined || next.at > until) return void (now = until)
      now = next.at
      timers.delete(next)
      next.ring()
    }
  }
  const start = createStartWait({ log: ports.log, stopping: stopping.signal, now: () => now, wait })
  return { ...start, lines, logged, stopping, pass, timers, elapsed: () => now - begunAt }
}

test('a step whose server is there is not logged, and nothing is awaited afterwards', async t => {
  const { untilThere, awaited, lines, timers } = waiting()
  const step = Promise.withResolvers<number>()
  const opened = untilThere('MongoDB', () => step.promise)
  t.deepEqual(awaited(), { what: 'MongoDB', since: begunAt })
  step.resolve(5)
  t.is(await opened, 5)
  t.deepEqual([awaited(), lines, timers.size], [null, [], 0])
})

test('a step is repeated for as long as its server is away, ever less often, and one line says when it came', async t => {
  const { untilThere, awaited, logged, pass, timers, elapsed } = waiting()
  const asked: number[] = []
  const opened = untilThere('NATS', async () => {
    asked.push(elapsed())
    if (asked.length < 8) throw new Failure('streams_unavailable', 'NATS does not answer')
    return 'open'
  })
  await pass(6_000)
  t.deepEqual(awaited(), { what: 'NATS', since: begunAt })
  await pass(3_100)
  t.is(await opened, 'open')
  t.deepEqual(asked, [0, 100, 300, 700, 1_500, 3_100, 5_100, 7_100])
  t.deepEqual(logged(), [
    ['warn', 0, 'the start waits'],
    ['warn', 5_000, 'the start waits'],
    ['info', 7_100, 'the start continues: what it waited for is there'],
  ])
  t.deepEqual([awaited(), timers.size], [null, 0])
})

test('a wait is logged with what is awaited, since when and why, and then at growing intervals', async t => {
  const { untilThere, lines, logged, pass, stopping } = waiting()
  const opened = untilThere('MongoDB', () => Promise.reject(away))
  await pass(3_600_000)
  t.deepEqual(lines[0], ['warn', { awaited: 'MongoDB', since, waitedMs: 0, err: away, remedy }, 'the start waits'])
  t.deepEqual(
    logged().map(([, waitedMs]) => Number(waitedMs) / 1_000),
    [0, 5, 15, 35, 75, 155, 315, 635, 1_235, 1_835, 2_435, 3_035],
  )
  stopping.abort()
  await t.throwsAsync(opened)
})

test('a step that neither succeeds nor fails is logged after a few seconds', async t => {
  const { untilThere, lines, pass, stopping } = waiting()
  const answer = Promise.withResolvers<never>()
  const opened = untilThere('MongoDB', () => answer.promise)
  await pass(4_999)
  t.deepEqual(lines, [])
  await pass(1)
  const silent = 'nothing has failed yet, and nothing was answered: the start continues by itself'
  t.deepEqual(lines, [['warn', { awaited: 'MongoDB', since, waitedMs: 5_000, remedy: silent }, 'the start waits']])
  // The cause is logged as soon as it is known, not with the next line.
  answer.reject(away)
  await pass(1)
  const fields = { awaited: 'MongoDB', since, waitedMs: 5_000, err: away, remedy }
  t.deepEqual(lines.slice(1), [['warn', fields, 'the start waits']])
  stopping.abort()
  await t.throwsAsync(opened)
})

test('a failure that no waiting fixes ends the start at once', async t => {
  for (const error of [new Failure('invalid_settings', 'another key'), new Error('a defect')]) {
    const { untilThere, awaited, lines, timers } = waiting()
    await t.throwsAsync(
      untilThere('MongoDB', () => Promise.reject(error)),
      { is: error },
    )
    t.deepEqual([awaited(), lines, timers.size], [null, [], 0])
  }
})

test('a stop ends the wait between two attempts at once, and no further step begins', async t => {
  const { untilThere, stopping, pass, timers } = waiting()
  let asked = 0
  const opened = untilThere('MongoDB', () => ((asked += 1), Promise.reject(away)))
  await pass(50)
  stopping.abort(new Error('stopped'))
  await t.throwsAsync(opened, { message: 'stopped' })
  t.deepEqual([asked, timers.size], [1, 0])
  await t.throwsAsync(
    untilThere('NATS', async () => (asked += 1)),
    { message: 'stopped' },
  )
  t.is(asked, 1)
})

test('a stop does not wait for the step under way, whose result is released when it comes', async t => {
  const { untilThere, stopping } = waiting()
  const step = Promise.withResolvers<string>()
  const released: string[] = []
  const opened = untilThere(
    'MongoDB',
    () => step.promise,
    late => released.push(late),
  )
  stopping.abort(new Error('stopped'))
  await t.throwsAsync(opened, { message: 'stopped' })
  step.resolve('late')
  await settled()
  t.deepEqual(released, ['late'])
})
