import test from 'ava'
import { connectProcess, freshNames } from '../../test/support/test-stream.ts'

test('the fleet is read with its workers and the partitions that have an owner, and nothing else that the bucket holds', async t => {
  const names = freshNames()
  const [{ streams }, other] = [await connectProcess(t, { names }), await connectProcess(t)]
  await t.throwsAsync(streams.fleet(), { code: 'streams_unavailable' }, 'there is no bucket yet')
  const leases = await streams.leases({ leaseMs: 60_000, replicas: 1 })
  t.deepEqual(await streams.fleet(), { workers: [], owned: [] })
  const others = await other.streams.leases({ leaseMs: 60_000, replicas: 1 })
  await others.beat('worker-c')
  await others.take(1, 'worker-c')

  await leases.beat('worker-a')
  await leases.beat('worker-b')
  const lease = await leases.take(12, 'worker-a')
  await leases.take(3, 'worker-b')
  await leases.exclusively(async () => {
    const { workers, owned } = await streams.fleet()
    t.deepEqual(
      [workers.toSorted(), owned.toSorted((x, y) => x - y)],
      [
        ['worker-a', 'worker-b'],
        [3, 12],
      ],
    )
  })
  if (lease !== null) await leases.release(lease)
  await leases.leave('worker-a')
  t.deepEqual(await streams.fleet(), { workers: ['worker-b'], owned: [3] })
})
