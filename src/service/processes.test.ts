import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { startProcesses } from './processes.ts'

test('a process that dies is restarted with its own environment, and a stop ends all in order', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-workers-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'worker.mjs')
  writeFileSync(file, `process.on('SIGTERM', () => process.exit(0)); process.on('disconnect', () => process.exit(0))`)
  const ends: string[] = []
  const started: number[] = []
  const { promise: restarted, resolve } = Promise.withResolvers<void>()
  const processes = startProcesses({
    count: 2,
    environmentOf: number => {
      if (started.push(number) === 3) setImmediate(resolve)
      return {}
    },
    file,
    onExit: how => void ends.push(how),
  })
  t.teardown(() => processes.stop())
  const before = processes.pids()
  t.is(before.length, 2)
  process.kill(before[0] ?? 0, 'SIGKILL')
  await restarted
  t.deepEqual(started, [0, 1, 0])
  t.is(processes.pids().length, 2)
  t.deepEqual(ends, ['SIGKILL'])
  t.false(processes.pids().includes(before[0] ?? 0))
  await processes.stop()
  t.deepEqual(processes.pids(), [])
  t.deepEqual(ends, ['SIGKILL'], 'a process that was stopped is not restarted')
})
