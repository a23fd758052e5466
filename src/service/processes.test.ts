import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import packageJson from '../../package.json' with { type: 'json' }
import { nodeFlags } from './node-flags.ts'
import { startWorkerProcesses } from './processes.ts'

test('a worker process that dies is started again, and all end in order when they are told to', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-workers-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'worker.mjs')
  writeFileSync(file, `process.on('SIGTERM', () => process.exit(0)); process.on('disconnect', () => process.exit(0))`)
  const ends: string[] = []
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const workers = startWorkerProcesses({
    count: 2,
    environment: {},
    file,
    onExit: how => {
      ends.push(how)
      resolve()
    },
  })
  t.teardown(() => workers.stop())
  const before = workers.pids()
  t.is(before.length, 2)
  process.kill(before[0] ?? 0, 'SIGKILL')
  await ended
  while (workers.pids().length < 2) await setImmediate()
  t.deepEqual(ends, ['SIGKILL'])
  t.false(workers.pids().includes(before[0] ?? 0))
  await workers.stop()
  t.deepEqual(workers.pids(), [])
  t.deepEqual(ends, ['SIGKILL'], 'whoever was told to end is not started again')
})

test('npm start gives Node the same flags as worker processes get', t => {
  t.true(packageJson.scripts.start.startsWith(`node ${nodeFlags.join(' ')} `))
})
