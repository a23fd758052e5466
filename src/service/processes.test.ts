import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { until } from '../../test/support/until.ts'
import { nodeFlags } from './node-flags.ts'
import { restartDelayMs, startProcesses } from './processes.ts'

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
    process.on('SIGTERM', () => process.exit(0)); process.on('SIGUSR2', () => process.exit(7)); process.on('disconnect', () => process.exit(0))
    writeFileSync(${JSON.stringify(folder)} + '/' + pid, JSON.stringify({ NUMBER, PATH, execArgv }))`,
  )
  const [numbers, ends] = [[] as number[], [] as unknown[][]]
  const { promise: restarted, resolve } = Promise.withResolvers<void>()
  const processes = startProcesses({
    count: 2,
    environmentOf: number => {
      if (numbers.push(number) === 4) setImmediate(resolve)
      return { NUMBER: String(number) }
    },
    file,
    onExit: (...end) => void ends.push(end),
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
  t.deepEqual(ends.toSorted(), [
    ['SIGKILL', 100],
    ['exit code 7', 100],
  ])
  t.false(processes.pids().some(pid => before.includes(pid)))
  const [stopping, again] = [processes.stop(), processes.stop()]
  await again
  t.deepEqual(processes.pids(), [], 'a second call waits for the first')
  await stopping
  t.is(ends.length, 2, 'a process that was stopped is not restarted')
})

test('a process that cannot be started is reported, and tried again like one that has ended', async t => {
  const ended = Promise.withResolvers<unknown[]>()
  const tooLarge = 'x'.repeat(4 * 1024 * 1024)
  const processes = startProcesses({
    count: 1,
    environmentOf: () => ({ TOO_LARGE: tooLarge }),
    onExit: (...end) => ended.resolve(end),
  })
  t.deepEqual(await ended.promise, ['Error: spawn E2BIG', 100])
  await processes.stop()
  t.deepEqual(processes.pids(), [], 'a stop ends the wait, and starts none')
})

test('a process that keeps ending is restarted after 100 ms, then twice as late each time, at most 10 s; one that ran for a minute begins again', t => {
  const delays: number[] = []
  for (let delayMs = 0; delays.length < 9;) delays.push((delayMs = restartDelayMs(delayMs, 60_000)))
  t.deepEqual(delays, [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
  t.is(restartDelayMs(10_000, 60_001), 100)
})
