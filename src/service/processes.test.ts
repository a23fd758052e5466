import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { until } from '../../test/support/until.ts'
import { Failure } from '../domain/failure.ts'
import { nodeFlags } from './node-flags.ts'
import { type ProcessEnd, reportCause, restartDelayMs, startProcesses } from './processes.ts'

const temporary = (t: ExecutionContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-workers-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Two processes that write down how they were started. `started(n)` resolves when so many have been. */
const start = (t: ExecutionContext) => {
  const folder = temporary(t)
  const file = join(folder, 'worker.mjs')
  writeFileSync(
    file,
    `import { writeFileSync } from 'node:fs'
    const { env: { NUMBER, PATH }, execArgv, pid } = process
    process.on('SIGTERM', () => process.exit(0)); process.on('SIGUSR2', () => process.send({ cause: 'a port is taken' }, () => process.exit(7))); process.on('disconnect', () => process.exit(0))
    writeFileSync(${JSON.stringify(folder)} + '/' + pid, JSON.stringify({ NUMBER, PATH, execArgv }))`,
  )
  const [numbers, ends] = [[] as number[], [] as ProcessEnd[]]
  const { promise: restarted, resolve } = Promise.withResolvers<void>()
  const processes = startProcesses({
    count: 2,
    environmentOf: number => {
      if (numbers.push(number) === 4) setImmediate(resolve)
      return { NUMBER: String(number) }
    },
    file,
    onExit: end => void ends.push(end),
  })
  t.teardown(() => processes.stop())
  const written = (pid: number) => {
    try {
      return JSON.parse(readFileSync(join(folder, String(pid)), 'utf8')) as { execArgv: string[]; NUMBER: string }
    } catch {
      return null
    }
  }
  return { processes, numbers, ends, restarted, written }
}

test('a process that dies is restarted with its own environment, and a stop ends all in order', async t => {
  const { processes, numbers, ends, restarted, written } = start(t)
  const before = processes.pids()
  t.is(before.length, 2)
  const [first = 0, second = 0] = before
  await until(() => written(first))
  t.like(written(first), { NUMBER: '0', PATH: process.env['PATH'] })
  t.deepEqual(written(first)?.execArgv.slice(0, nodeFlags.length + 1), [...nodeFlags, '--import'])
  t.regex(written(first)?.execArgv.at(-1) ?? '', /observability\/register\.ts$/)

  process.kill(first, 'SIGUSR2')
  process.kill(second, 'SIGKILL')
  await restarted
  t.deepEqual(numbers.toSorted(), [0, 0, 1, 1])
  t.is(processes.pids().length, 2)
  t.deepEqual(
    ends.toSorted(({ how: x }, { how: y }) => x.localeCompare(y)),
    [
      { how: 'exit code 7', cause: 'a port is taken', times: 1, againInMs: 100 },
      { how: 'SIGKILL', times: 1, againInMs: 100 },
    ],
  )
  t.false(processes.pids().some(pid => before.includes(pid)))
  const [stopping, again] = [processes.stop(), processes.stop()]
  await again
  t.deepEqual(processes.pids(), [], 'a second call waits for the first')
  await stopping
  t.is(ends.length, 2, 'a process that was stopped is not restarted')
})

test('a process that cannot be started is reported, and tried again like one that has ended', async t => {
  const ended = Promise.withResolvers<ProcessEnd>()
  const tooLarge = 'x'.repeat(4 * 1024 * 1024)
  const processes = startProcesses({
    count: 1,
    environmentOf: () => ({ TOO_LARGE: tooLarge }),
    onExit: ended.resolve,
  })
  t.deepEqual(await ended.promise, { how: 'Error E2BIG spawn', times: 1, againInMs: 100 })
  await processes.stop()
  t.deepEqual(processes.pids(), [], 'a stop ends the wait, and starts none')
})

test('a process that keeps ending is restarted after 100 ms, then twice as late each time, at most 30 s; one that ran for a minute begins again', t => {
  const delays: number[] = []
  for (let delayMs = 0; delays.length < 11;) delays.push((delayMs = restartDelayMs(delayMs, 60_000)))
  t.deepEqual(delays, [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000])
  t.is(restartDelayMs(30_000, 60_001), 100)
})

test('a process that keeps ending says how often, until it has run well', async t => {
  const folder = temporary(t)
  const file = join(folder, 'worker.mjs')
  writeFileSync(file, 'process.exit(3)')
  const ends: ProcessEnd[] = []
  const processes = startProcesses({ count: 1, environmentOf: () => ({}), file, onExit: end => void ends.push(end) })
  await until(() => ends.length >= 3)
  await processes.stop()
  t.deepEqual(ends.slice(0, 3), [
    { how: 'exit code 3', times: 1, againInMs: 100 },
    { how: 'exit code 3', times: 2, againInMs: 200 },
    { how: 'exit code 3', times: 3, againInMs: 400 },
  ])
})

test('what a process reports as its cause is our own text, and nothing where no process waits for it', t => {
  const sent: object[] = []
  const send = (message: object) => sent.push(message)
  reportCause(new Failure('conflict', 'Port 9464 is in use.'), { send })
  reportCause(new Error('a visitor’s name'), { send })
  reportCause(new Error('x'), {})
  t.deepEqual(sent, [{ cause: 'conflict: Port 9464 is in use.' }, { cause: 'Error' }])
})
