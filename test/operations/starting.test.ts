import { spawn } from 'node:child_process'
import { cp, mkdir, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { freePort } from '../../src/embedded/ports.ts'
import { startDoorbell } from '../support/doorbell.ts'
import { temporaryFolder } from '../support/service-process.ts'

const project = join(import.meta.dirname, '../..')

test('a process that is starting answers 503 with Retry-After, and keeps no client waiting', async t => {
  const port = await freePort(0)
  const url = `http://127.0.0.1:${port}/readyz`
  const starting = startDoorbell(t, { port })
  const statuses: number[] = []
  while (statuses.at(-1) !== 200) {
    const answer = await fetch(url).catch(() => null)
    if (answer === null) continue
    statuses.push(answer.status)
    if (answer.status === 503) t.like(await answer.json(), { status: 503, code: 'starting' })
    else await answer.text()
  }
  t.true(statuses.includes(503), 'it was asked while it started')
  await starting
})

test('a start without a server, and without the optional packages that download one, says which packages and settings it needs', async t => {
  const folder = await temporaryFolder(t)
  for (const path of ['package.json', 'src', 'actors', 'config', 'observability', 'tools/servers'])
    await cp(join(project, path), join(folder, path), { recursive: true })
  await mkdir(join(folder, 'node_modules'))
  for (const name of await readdir(join(project, 'node_modules')))
    if (name !== 'fflate' && name !== 'mongodb-memory-server-core')
      await symlink(join(project, 'node_modules', name), join(folder, 'node_modules', name))

  const { code, output } = await start(folder)
  t.is(code, 1)
  for (const part of ['mongodb-memory-server-core', 'fflate', 'NATS_URL', 'MONGODB_URL', 'docker compose up'])
    t.true(output.includes(part), `${part} in ${output}`)
})

/** Runs the service of a folder on a machine that has no other program and no cache. */
const start = async (folder: string): Promise<{ code: number | null; output: string }> => {
  const child = spawn(process.execPath, ['--import', './observability/register.ts', 'src/main.ts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: folder, XDG_CACHE_HOME: join(folder, 'cache'), DOORBELL_DATA_DIR: join(folder, 'data'), PORT: '0' },
  })
  let output = ''
  child.stderr.on('data', data => (output += String(data)))
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, output }
}
