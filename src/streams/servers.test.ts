import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { createServerProcess } from '../../tools/clusters/server-process.ts'
import type { Failure } from '../domain/failure.ts'
import { findNatsServer } from '../../tools/servers/find-nats.ts'
import { freePort } from '../embedded/ports.ts'
import { connectStreams } from './connect.ts'
import { readServers } from './servers.ts'

const log = { info: () => undefined, warn: () => undefined }

/** A nats-server that requires credentials. */
const startGuarded = async (t: ExecutionContext, args: readonly string[]): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-nats-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const [port, monitor] = [await freePort(0), await freePort(0)]
  const binary = await findNatsServer(line => t.log(line))
  const listen = ['-a', '127.0.0.1', '-p', String(port), '-m', String(monitor), '-js', '-sd', folder]
  const isReady = async () => (await fetch(`http://127.0.0.1:${monitor}/healthz`)).ok
  const server = createServerProcess({ name: 'nats', binary, folder, args: [...listen, ...args], isReady })
  t.teardown(() => server.kill())
  await server.start()
  return port
}

test('a user or a token in NATS_URL is accepted by a server that requires it; a wrong password is not', async t => {
  const byUser = await startGuarded(t, ['--user', 'doorbell', '--pass', 'p@ss:word'])
  const byToken = await startGuarded(t, ['--auth', 'the-token'])
  for (const url of [`nats://doorbell:p%40ss%3Aword@127.0.0.1:${byUser}`, `nats://the-token@127.0.0.1:${byToken}`]) {
    const streams = await connectStreams({ url, log })
    await t.notThrowsAsync(streams.ping())
    await streams.close()
  }
  const url = `nats://doorbell:wrong@127.0.0.1:${byUser}`
  const error = await t.throwsAsync<Error>(connectStreams({ url, log }))
  t.false(`${error?.message} ${error?.stack}`.includes('wrong'))
})

test('all servers are read, without the credentials', t => {
  t.deepEqual(readServers('nats://a:4222,tls://doorbell:secret@b:4222'), {
    servers: ['nats://a:4222', 'tls://b:4222'],
    user: 'doorbell',
    pass: 'secret',
  })
})

test('a server without a protocol gets the first one’s, as in the command line of NATS', t => {
  t.deepEqual(readServers('tls://a:4222, b:4222,10.0.0.1,[::1]:4222').servers, [
    'tls://a:4222',
    'tls://b:4222',
    'tls://10.0.0.1',
    'tls://[::1]:4222',
  ])
})

test('the error for an unreadable url does not contain the password', t => {
  for (const url of ['nats://a:4222,', 'nats://doorbell:100%@a:4222', 'nats://doorbell:hidden@a b', 'nats://a,b c']) {
    const error = t.throws<Failure>(() => readServers(url), undefined, url)
    t.is(error?.code, 'invalid_settings', url)
    t.notRegex(error?.message ?? '', /hidden|100/)
  }
})
