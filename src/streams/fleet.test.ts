import test, { type ExecutionContext } from 'ava'
import { pino } from 'pino'
import { freshName, natsUrl } from '../../test/support/servers.ts'
import { partitionOf } from '../domain/partition.ts'
import { connectStreams } from './connect.ts'
import { until } from '../../test/support/until.ts'

const connect = async (t: ExecutionContext) => {
  const name = freshName('test')
  const streams = await connectStreams({
    url: natsUrl(),
    log: pino({ level: 'silent' }),
    names: { stream: name, root: name },
  })
  t.teardown(streams.close)
  return streams
}

test('a tenant’s partition is the one that nats-server maps it to', async t => {
  const streams = await connect(t)
  await streams.ensure({
    partitions: 16,
    replicas: 1,
    keepMs: 7 * 24 * 60 * 60_000,
    ackWaitMs: 60_000,
    window: 512,
    leaseMs: 6_000,
  })
  const tenants = Array.from({ length: 200 }, (_, n) => `tenant-${(n * 7_919).toString(36)}`)
  for (const tenant of tenants)
    await streams.publish({ tenant, type: 'visit.created', id: tenant, body: '{}', traceparent: null })
  const mapped = new Map<string, number>()
  const feeds = Array.from({ length: 16 }, (_, partition) => streams.feed(partition, 512))
  await new Promise<void>(resolve => {
    for (const { messages$ } of feeds)
      messages$.subscribe(({ tenant, partition }) => {
        mapped.set(tenant, partition)
        if (mapped.size === tenants.length) resolve()
      })
  })
  await Promise.all(feeds.map(feed => feed.stop()))
  for (const [tenant, partition] of mapped) t.is(partition, partitionOf(tenant, 16), tenant)
})

test('a lease belongs to one worker until it is released, and only its last revision renews it', async t => {
  const leases = await (await connect(t)).leases({ leaseMs: 60_000, replicas: 1 })
  const lease = await leases.take(3, 'a')
  if (lease === null) return t.fail('it was free')
  t.is(await leases.take(3, 'b'), null)
  const renewed = await leases.renew(lease, 'a')
  if (renewed === null) return t.fail('it was ours')
  t.is(await leases.renew(lease, 'a'), null, 'an old revision')
  await leases.release(lease)
  t.is(await leases.take(3, 'b'), null, 'an old revision releases nothing')
  await leases.release(renewed)
  t.truthy(await leases.take(3, 'b'))
  return undefined
})

test('the server drops a worker without a heartbeat and a lease without renewal', async t => {
  const leases = await (await connect(t)).leases({ leaseMs: 1_000, replicas: 1 })
  await leases.beat('a')
  t.truthy(await leases.take(1, 'a'))
  await until(async () => (await leases.workers()).length === 0)
  await until(async () => (await leases.take(1, 'c')) !== null)
  t.pass()
})

test('a worker is listed until it leaves', async t => {
  const leases = await (await connect(t)).leases({ leaseMs: 60_000, replicas: 1 })
  await leases.beat('a')
  await leases.beat('b')
  t.deepEqual(await leases.workers(), ['a', 'b'])
  await leases.leave('b')
  t.deepEqual(await leases.workers(), ['a'])
})

test('a signal reaches every subscriber, in this process and in others', async t => {
  const streams = await connect(t)
  const heard = new Promise(resolve => streams.wakes$.subscribe(resolve))
  await streams.ping()
  streams.wake('sub_1')
  t.is(await heard, 'sub_1')
})
