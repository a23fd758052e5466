import test from 'ava'
import { startNatsServer } from '../../test/support/test-stream.ts'
import type { Failure } from '../domain/failure.ts'
import { connectStreams } from './connect.ts'
import { readServers } from './servers.ts'

const log = { info: () => undefined, warn: () => undefined }

test('a user or a token in NATS_URL is accepted by a server that requires it; a wrong password is not', async t => {
  const [{ port: byUser }, { port: byToken }] = await Promise.all([
    startNatsServer(t, ['--user', 'doorbell', '--pass', 'p@ss:word']),
    startNatsServer(t, ['--auth', 'the-token']),
  ])
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
