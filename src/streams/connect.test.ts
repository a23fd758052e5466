import test from 'ava'
import {
  connectProcess,
  publication,
  startNatsServer,
  startStream,
  streamOptions,
} from '../../test/support/test-stream.ts'
import { until } from '../../test/support/until.ts'
import { connectionOptions } from './connection.ts'
import { streamNames } from './names.ts'

test('while NATS is away each call fails at once and nothing is buffered; when it is back, publishers and feeds go on', async t => {
  const server = await startNatsServer(t, ['-js'])
  const { streams, lines } = await connectProcess(t, { url: server.url, names: streamNames })
  await streams.ensure(streamOptions)
  const arrived: string[] = []
  streams.feed(0, 100).messages$.subscribe(message => {
    arrived.push(message.text())
    message.ack()
  })
  await streams.publish(publication('before'))
  await until(() => arrived.length === 1)
  const named = (await (await fetch(`${server.monitorUrl}/connz`)).json()) as { connections: { name: string }[] }
  t.deepEqual(
    named.connections.map(({ name }) => name),
    ['doorbell'],
  )
  await server.kill()
  await until(() => lines.length > 0)
  t.like(lines[0], ['warn', { remedy: 'check that nats-server runs; Doorbell reconnects by itself' }])
  for (const ask of [
    streams.publish(publication('lost')),
    streams.ping(),
    streams.state(),
    streams.history({ tenant: 'acme', from: 0, after: null, limit: 1 }),
    streams.leases({ leaseMs: 6_000, replicas: 1 }),
    streams.assertPartitions(1),
  ])
    t.like(await t.throwsAsync(ask, { code: 'streams_unavailable' }), { retryAfterS: 2 })
  t.notThrows(() => streams.wake('sub_1'))
  await server.start()
  await until(() => lines.length > 1)
  t.like(lines[1], ['info', { server: `127.0.0.1:${server.port}` }])
  await until(() =>
    streams.publish(publication('after')).then(
      () => true,
      () => false,
    ),
  )
  await until(() => arrived.length > 1)
  t.deepEqual(arrived, ['{"id":"before"}', '{"id":"after"}'])
})

test('a process whose NATS is away can be stopped, twice', async t => {
  const server = await startNatsServer(t, [])
  const { streams, lines } = await connectProcess(t, { url: server.url })
  await t.notThrowsAsync(streams.ping(), 'JetStream need not be up yet')
  await server.kill()
  await until(() => lines.length > 0)
  await t.notThrowsAsync(streams.close())
  await t.notThrowsAsync(streams.close())
})

test('a process stops with all its acknowledgements sent', async t => {
  const { streams, consumerWhen } = await startStream(t)
  const acknowledged = Promise.withResolvers<void>()
  streams.feed(0, 100).messages$.subscribe(message => {
    message.ack()
    acknowledged.resolve()
  })
  await streams.publish(publication('a'))
  await acknowledged.promise
  await Promise.all([streams.close(), streams.close()])
  t.is((await consumerWhen(({ num_ack_pending }) => num_ack_pending === 0)).ack_floor.stream_seq, 1)
})

test('a server that cannot be reached is reported with its setting, and without its credentials', async t => {
  const url = 'nats://doorbell:hidden@127.0.0.1:1'
  const error = await t.throwsAsync(connectProcess(t, { url }), { code: 'streams_unavailable', message: /NATS_URL/ })
  t.truthy(error?.cause)
  t.false(`${error?.message} ${error?.stack}`.includes('hidden'))
})

test('a hanging server is noticed within 15 s, and a lost one is tried four times a second, for ever', t => {
  t.deepEqual<object, object>(connectionOptions, {
    name: 'doorbell',
    pingInterval: 5_000,
    maxPingOut: 2,
    reconnectTimeWait: 250,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
  })
})
