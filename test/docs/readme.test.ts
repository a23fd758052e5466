import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { freePort } from '../../src/embedded/ports.ts'
import { temporaryFolder } from '../support/service-process.ts'
import type { Seen } from './read-along.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

/** A network of its own, where every port is free; this machine's where that is not allowed; null where a port of the README is taken. */
const findNetwork = async (): Promise<readonly string[] | null> => {
  const own = [
    ['unshare', '-n'],
    ['unshare', '-rn'],
  ].find(([command = '', flag = '']) => spawnSync(command, [flag, 'ip', 'link', 'set', 'lo', 'up']).status === 0)
  if (own !== undefined) return [...own, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
  const areFree = (await freePort(3_000)) === 3_000 && (await freePort(8_080)) === 8_080
  return areFree ? [] : null
}
const network = await findNetwork()

/** What a reader's terminal has: nothing of this run, and no Node of this repository. */
const readersEnvironment = (): NodeJS.ProcessEnv => {
  const ours =
    /^(?:OTEL_|DOORBELL_|NODE_|npm_(?:lifecycle|package|command|execpath|node)|(?:NATS_URL|MONGODB_URL|PORT)$)/
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name))
  const path = (process.env['PATH'] ?? '').split(':').filter(folder => !folder.includes('node_modules'))
  return { ...Object.fromEntries(kept), PATH: path.join(':'), npm_config_prefer_offline: 'true' }
}

const whenPortsAreFree = network === null ? test.skip : test

whenPortsAreFree('what the README says works as typed in a fresh clone, which installs without a warning', async t => {
  t.timeout(180_000)
  const clone = join(await temporaryFolder(t), 'doorbell')
  const env = readersEnvironment()
  await run('git', ['clone', '--quiet', '--depth', '1', `file://${root}`, clone])
  const { stdout, stderr } = await run('npm', ['ci'], { cwd: clone, env })
  t.notRegex(stdout + stderr, /warn|deprecated/i)

  const [command, ...args] = [...(network ?? []), process.execPath, join(root, 'test/docs/read-along.ts'), clone]
  const seen = JSON.parse((await run(command, args, { env })).stdout) as Seen[]
  t.deepEqual(
    seen.map(({ code }) => code),
    [null, null, 0],
    'two starts, and the calls',
  )
  for (const { command: typed, statuses, output } of seen) {
    const calls = typed.match(/\bcurl /g)?.length ?? 1
    t.is(statuses.length, calls, output)
    t.true(
      statuses.every(status => status >= 200 && status < 300),
      output,
    )
  }
  t.regex(seen.at(-1)?.output ?? '', /visit\.checked_in evt_\w+/, 'the receiver printed a verified event')
})
