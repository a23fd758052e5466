import test, { type ExecutionContext } from 'ava'
import { connectProcess, publication, streamOptions } from '../../test/support/test-stream.ts'
import { until } from '../../test/support/until.ts'
import { partitionOf } from '../domain/partition.ts'

const connect = async (t: ExecutionContext) => (await connectProcess(t)).streams

test('a tenant’s partition is the one that nats-server maps it to', async t => {
  const streams = await connect(t)
  await streams.ensure({ ...streamOptions, partitions: 16 })
  const tenants = Array.from({ length: 200 }, (_, n) => `tenant-${(n * 7_919).toString(36)}`)
  for (const tenant of tenants) await streams.publish(publication(tenant, tenant))
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
