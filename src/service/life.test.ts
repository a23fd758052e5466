import { EventEmitter } from 'node:events'
import { mock } from 'node:test'
import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import type { Log } from '../../observability/log.ts'
import { Failure } from '../domain/failure.ts'
import { runUntilStopped } from './life.ts'

let printed: string[] = []
test.serial.beforeEach(() => {
  printed = []
  mock.timers.enable({ apis: ['setTimeout'] })
  mock.method(process.stderr, 'write', (text: string) => printed.push(text) > 0)
})
test.serial.afterEach.always(() => {
  mock.timers.reset()
  mock.restoreAll()
})
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve))
}

/** A program that runs in a process of the test's own making. `closing` is the end of its only part. */
const run = (start: () => Promise<void> = async () => undefined, closing = () => Promise.resolve()) => {
  const host = new EventEmitter()
  const sent: object[] = []
  const exits: number[] = []
  const ends: string[] = []
  const { ports, lines } = fakePorts<{ log: Log }>()
  const stops: ((exitCode: number) => void)[] = []
  const begun = runUntilStopped(
    ports.log,
    async (running, stop) => {
      stops.push(stop)
      running.defer(() => (ends.push('ends'), closing()))
      await start()
    },
    Object.assign(host, {
      exit: (code: number) => void exits.push(code),
      send: (message: object) => sent.push(message),
    }) as never,
  )
  return { host, exits, ends, lines, sent, begun, stop: (exitCode: number) => stops[0]?.(exitCode) }
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'])
  test.serial(`${signal} stops the parts and then the process, once, with exit code 0`, async t => {
    const closed = Promise.withResolvers<void>()
    const { host, exits, ends, begun } = run(undefined, () => closed.promise)
    await begun
    t.deepEqual([ends, exits], [[], []])
    host.emit(signal)
    host.emit(signal)
    await settled()
    t.deepEqual([ends, exits], [['ends'], []], 'the process waits for its parts')
    closed.resolve()
    await settled()
    t.deepEqual([ends, exits], [['ends'], [0]])
  })

test.serial('a process that stops itself by a signal has the exit code that it has set', async t => {
  const { host, exits, begun } = run()
  await begun
  Object.assign(host, { exitCode: 1 }).emit('SIGTERM')
  await settled()
  t.deepEqual(exits, [1])
})

test.serial('a program can stop itself with an exit code', async t => {
  const { begun, stop, exits, ends } = run()
  await begun
  stop(3)
  await settled()
  t.deepEqual([ends, exits], [['ends'], [3]])
})

test.serial('an uncaught error is logged, and stops the process in order with exit code 1', async t => {
  const { host, exits, ends, lines, sent, begun } = run()
  await begun
  const error = new Error('a defect')
  host.emit('uncaughtException', error)
  await settled()
  t.deepEqual([ends, exits], [['ends'], [1]])
  const remedy = 'a defect: report it with this line'
  t.deepEqual(lines, [['error', { err: error, remedy }, 'uncaught error']])
  t.deepEqual(sent, [{ cause: 'Error' }], 'the process that started it knows why')
})

test.serial(
  'a stop that takes longer than 14 s ends the process all the same, with its exit code and a line',
  async t => {
    for (const exitCode of [0, 3]) {
      const { exits, lines, begun, stop } = run(undefined, () => new Promise(() => undefined))
      await begun
      stop(exitCode)
      mock.timers.tick(13_999)
      t.deepEqual([exits, lines], [[], []])
      mock.timers.tick(1)
      t.deepEqual(exits, [exitCode])
      const remedy = 'see which server did not answer; nothing is lost: the next start delivers what was not finished'
      const line = { limitMs: 14_000, exitCode, remedy }
      t.deepEqual(lines, [['error', line, 'the stop took too long: the process ends']])
    }
  },
)

test.serial('a server that does not answer ends no process, even where nothing waits for it', async t => {
  const { host, exits, ends, lines, sent, begun } = run()
  await begun
  const away = new Failure('streams_unavailable', 'The event store cannot be reached.')
  host.emit('uncaughtException', away)
  await settled()
  t.deepEqual([ends, exits, sent], [[], [], []])
  t.like(lines[0], ['error', { err: away }, 'a server did not answer'] as never)
})

test.serial('a part that cannot be stopped is logged, and the process ends', async t => {
  const fault = new Error('stuck')
  const { exits, lines, begun, stop } = run(undefined, () => Promise.reject(fault))
  await begun
  stop(0)
  await settled()
  t.deepEqual(exits, [0])
  const remedy = 'nothing is lost: the next start delivers what was not finished'
  t.deepEqual(lines, [['error', { err: fault, remedy }, 'a part could not be stopped in order']])
})

test.serial('a start that fails says why, ends what it had started, and exits with 1', async t => {
  const { exits, ends, sent, begun } = run(() => Promise.reject(new Error('no port')))
  await begun
  await settled()
  t.regex(printed.join(''), /no port/)
  t.deepEqual(sent, [{ cause: 'Error' }])
  t.deepEqual([ends, exits], [['ends'], [1]])
})

test.serial('a start that a signal interrupted says nothing, and exits with 0', async t => {
  const starting = Promise.withResolvers<void>()
  const { host, exits, sent, begun } = run(() => starting.promise)
  host.emit('SIGTERM')
  starting.reject(new Error('the connection was closed'))
  await begun
  await settled()
  t.deepEqual([printed, sent, exits], [[], [], [0]])
})
