import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { startNatsServer, streamOptions } from '../../test/support/test-stream.ts'
import { temporaryFolder } from '../../test/support/service-process.ts'
import { connectStreams } from './connect.ts'
import { refusalOf } from './start-faults.ts'

const log = { info: () => undefined, warn: () => undefined }

/** Starts as a process does; returns why NATS refused it. */
const failureOf = async (t: ExecutionContext, url: string): Promise<string> => {
  const start = async () => {
    const streams = await connectStreams({ url, log })
    t.teardown(streams.close)
    await streams.ensure({ ...streamOptions, partitions: 4 })
  }
  return (await t.throwsAsync(start(), { code: 'invalid_settings' }))?.message ?? ''
}

test('a nats-server without JetStream is named as that, with the flag that it lacks', async t => {
  const { url } = await startNatsServer(t, [])
  t.regex(await failureOf(t, url), /runs without JetStream: start it with -js/)
})

test('each refusal states its own cause and what to change', async t => {
  const config = join(await temporaryFolder(t), 'nats.conf')
  const user = (name: string) => `users: [ { user: ${name}, password: ${name} } ]`
  await writeFile(
    config,
    `accounts {
      A: { jetstream: { max_mem: 0, max_file: 1GB }, users: [
        { user: api, password: api, permissions: { publish: ["visits.in.>"], subscribe: ["_INBOX.>"] } }
        { user: inbox, password: inbox, permissions: { publish: [">"], subscribe: ["visits_wake.*"] } } ] }
      NONE: { ${user('none')} }
      STREAMS: { jetstream: { max_mem: 0, max_file: 1GB, max_streams: 1 }, ${user('streams')} }
      CONSUMERS: { jetstream: { max_mem: 0, max_file: 1GB, max_consumers: 3 }, ${user('consumers')} }
    }`,
  )
  const { port } = await startNatsServer(t, ['-js', '-c', config])
  const of = (name: string) => failureOf(t, `nats://${name}@127.0.0.1:${port}`)
  t.regex(await of('api:wrong'), /refuses the user or token in NATS_URL/)
  t.regex(await failureOf(t, `nats://127.0.0.1:${port}`), /refuses the user or token in NATS_URL/)
  t.regex(
    await of('api:api'),
    /does not allow .* to publish to \$JS\.API\.STREAM\.INFO\.KV_VISITS_FLEET: .*deploy\/nats\/user\.conf/,
  )
  t.regex(await of('inbox:inbox'), /does not allow .* to subscribe to _INBOX\.>:/)
  t.regex(await of('none:none'), /The account .* has no JetStream: add jetstream: enabled/)
  t.regex(await of('streams:streams'), /at its limit of streams \(max_streams: 3/)
  t.regex(await of('consumers:consumers'), /at its limit of consumers \(max_consumers: one for each partition/)
})

test('what NATS refuses while Doorbell runs is a promise that does not hold', async t => {
  const { url } = await startNatsServer(t, [])
  const streams = await connectStreams({ url, log })
  t.teardown(streams.close)
  const requests = streams.requirements(streamOptions).filter(({ name }) => name !== 'permissions')
  t.is(requests.length, 3)
  for (const { name, check } of requests) {
    const [found, ...others] = await check()
    t.like(found, { object: `${name} in NATS`, outcome: 'broken', refusesEvents: false })
    t.regex(found?.remedy ?? '', /start it with -js/)
    t.is(others.length, 0)
  }
})

test('a server that is away has not refused', t => {
  t.is(refusalOf(new Error('timeout', { cause: new Error('no answer') })), null)
  t.is(refusalOf('text'), null)
})
