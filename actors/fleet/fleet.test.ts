import test, { type ExecutionContext } from 'ava'
import { connectStreams } from '../../src/streams/connect.ts'
import { createBucket, leasesOf, type Network } from '../../test/support/fake-leases.ts'
import { freshName, natsUrl } from '../../test/support/servers.ts'
import { until } from '../../test/support/until.ts'
import { virtualTime } from '../../test/support/virtual-time.ts'
import { systemClock } from '../kit/clock.ts'
import { startFleet } from './fleet.ts'
import type { FleetPorts } from './performers.ts'
import type { LeaseStore } from './protocol.ts'
import { ownerOf } from './rendezvous.ts'

const partitions = 12
const all = Array.from({ length: partitions }, (_, partition) => partition)
const leaseMs = 6_000

/** Workers that note what they work on; `overlaps` are the partitions that two of them worked on at once. */
const createCrew = () => {
  const working = new Map<number, string>()
  const overlaps: string[] = []
  const join = (worker: string, leases: LeaseStore, change: Partial<FleetPorts> & { drainMs?: number } = {}) => {
    const { drainMs = 0, ...ports } = change
    const troubles: unknown[] = []
    const shares: string[] = []
    const fleet = startFleet({
      leases,
      worker,
      partitions,
      leaseMs,
      open: partition => {
        const other = working.get(partition)
        if (other !== undefined) overlaps.push(`${partition}: ${worker} beside ${other}`)
        working.set(partition, worker)
        return {
          drain: async () => {
            if (drainMs > 0) await new Promise(resolve => void setTimeout(resolve, drainMs))
            if (working.get(partition) === worker) working.delete(partition)
          },
        }
      },
      clock: systemClock,
      onTrouble: error => void troubles.push(error),
      onChange: (owned, workers) => void shares.push(`${owned.toSorted((x, y) => x - y).join()} of ${workers.join()}`),
      ...ports,
    })
    return { ...fleet, troubles, shares }
  }
  const shareOf = (worker: string, workers: readonly string[]) => all.filter(each => ownerOf(each, workers) === worker)
  const worksOn = (worker: string) => all.filter(each => working.get(each) === worker)
  const isShared = (...workers: readonly string[]) =>
    workers.every(worker => worksOn(worker).join() === shareOf(worker, workers).join())
  return { overlaps, join, shareOf, worksOn, isShared }
}

/** A crew whose bucket is in memory, in virtual time. */
const start = (t: ExecutionContext) => {
  const time = virtualTime(t)
  const bucket = createBucket(leaseMs, Date.now)
  const crew = createCrew()
  return {
    ...crew,
    ...time,
    bucket,
    join: (
      worker: string,
      { answerMs = 0, ...change }: Parameters<typeof crew.join>[2] & { answerMs?: number } = {},
    ) => {
      const network: Network = { requestMs: 0, answerMs, cut: false }
      const { store, ...rest } = leasesOf(bucket, network)
      return { ...crew.join(worker, store, change), ...rest, network }
    },
  }
}

test('on the real bucket, workers share the partitions as they come, and one that leaves hands its share over', async t => {
  const { overlaps, join, shareOf, worksOn, isShared } = createCrew()
  const name = freshName('fleet')
  const log = { info: () => undefined, warn: () => undefined }
  // So long a lease that only an orderly hand-over can pass within the test.
  const long = { leaseMs: 60_000 }
  const joined = async (worker: string, drainMs = 0) => {
    const streams = await connectStreams({ url: natsUrl(), log, names: { stream: name, root: name } })
    t.teardown(streams.close)
    const fleet = join(worker, await streams.leases({ ...long, replicas: 1 }), { ...long, drainMs })
    t.teardown(fleet.drain)
    return fleet
  }
  const a = await joined('a')
  await a.ready
  t.deepEqual(worksOn('a'), all)
  const b = await joined('b', 50)
  await until(() => isShared('a', 'b'))
  t.deepEqual(b.owned(), shareOf('b', ['a', 'b']))
  await b.drain()
  await until(() => isShared('a'))
  await a.drain()
  t.deepEqual(worksOn('a'), [])
  t.deepEqual([a.troubles, b.troubles, overlaps], [[], [], []])
})

test.serial('a worker is ready once it has tried every partition, and reports its share once', async t => {
  const { join, pass, shareOf, worksOn } = start(t)
  const a = join('a', { answerMs: 40, drainMs: 100 })
  let ready = false
  void a.ready.then(() => (ready = true))
  await pass(119)
  t.false(ready)
  t.deepEqual(a.shares, [])
  await pass(1)
  t.true(ready)
  await pass(3_000)
  t.deepEqual(a.owned(), all)
  t.deepEqual(a.workers(), ['a'])
  t.deepEqual(worksOn('a'), all)
  t.deepEqual(a.shares, [`${all.join()} of a`])
  a.network.answerMs = 0
  const b = join('b')
  a.change()
  await pass(99)
  t.is(a.shares.length, 1, 'not before its partitions are drained')
  await pass(2_000)
  t.deepEqual(a.shares.slice(1), [`${shareOf('a', ['a', 'b']).join()} of a,b`])
  a.network.answerMs = 40
  await b.drain()
  await pass(3_000)
  t.deepEqual(a.shares.slice(2), [`${all.join()} of a`])
})

test.serial('a worker beats and renews six times in a lease time', async t => {
  const { join, pass } = start(t)
  const { requests } = join('a')
  await pass(999)
  t.like(requests, { beat: 1, renew: undefined })
  await pass(1)
  t.like(requests, { beat: 2, renew: partitions })
  await pass(5_000)
  t.like(requests, { beat: 7, workers: 7, renew: 6 * partitions })
})

test.serial('a worker that joins is noticed at once through a change of the bucket', async t => {
  const { join, pass, isShared } = start(t)
  const a = join('a')
  await pass(1_100)
  const b = join('b')
  a.change()
  await pass(1)
  b.change()
  await pass(1)
  t.true(isShared('a', 'b'))
})

test.serial(
  'what a cut-off worker worked on goes to the others once its leases run out, and it comes back by itself',
  async t => {
    const { join, pass, worksOn, isShared, overlaps } = start(t)
    const a = join('a')
    const b = join('b', { drainMs: 500 })
    await pass(3_000)
    t.true(isShared('a', 'b'))
    b.network.cut = true
    await pass(2 * leaseMs)
    t.deepEqual(b.owned(), [])
    t.deepEqual(worksOn('a'), all)
    t.is(b.troubles.length, 2, 'one report in a lease time')
    b.network.cut = false
    await pass(3_000)
    t.true(isShared('a', 'b'))
    t.deepEqual(a.troubles, [])
    t.deepEqual(overlaps, [])
  },
)

test.serial('while answers take seconds, a worker gives up a lease before another worker can have it', async t => {
  const { join, pass, worksOn, overlaps } = start(t)
  const a = join('a', { drainMs: 900 })
  await pass(2_100)
  // The bucket gets each renewal at once and drops the key six seconds later, long before six seconds have passed since the answer.
  a.network.answerMs = 3_000
  await pass(1_000)
  a.network.cut = true
  const b = join('b')
  await pass(2 * leaseMs)
  t.deepEqual(worksOn('b'), all)
  t.deepEqual(a.owned(), [])
  t.deepEqual(b.troubles, [])
  t.deepEqual(overlaps, [])
})

test.serial('after a fault a worker goes on with its partitions', async t => {
  const { join, pass, overlaps } = start(t)
  const a = join('a')
  await pass(1_500)
  a.failChanges(new Error('on purpose'))
  await pass(2 * leaseMs)
  t.deepEqual(a.owned(), all)
  t.is(a.requests['take'], partitions, 'none was taken again')
  t.deepEqual([a.troubles.length, overlaps], [1, []])
})

test.serial(
  'a worker whose renewals were answered during its fault takes its partitions again once those leases run out',
  async t => {
    const { join, pass, worksOn, overlaps } = start(t)
    const a = join('a')
    await pass(2_900)
    a.network.answerMs = 500
    await pass(200)
    a.failChanges(new Error('on purpose'))
    a.network.answerMs = 0
    await pass(1_000)
    t.deepEqual(worksOn('a'), [], 'it does not know the renewed leases')
    await pass(leaseMs)
    t.deepEqual(a.owned(), all)
    t.deepEqual(worksOn('a'), all)
    t.deepEqual([a.troubles.length, overlaps], [1, []])
  },
)

test.serial('a worker whose faults escalate drains its partitions when it stops', async t => {
  const { join, pass, worksOn, bucket } = start(t)
  const a = join('a', { drainMs: 100 })
  const escalated = t.throwsAsync(a.ended, { message: 'on purpose' })
  await pass(500)
  for (let fault = 0; fault < 6; fault += 1) {
    a.failChanges(new Error('on purpose'))
    await pass(100)
  }
  await escalated
  t.deepEqual(worksOn('a'), all)
  let drained = false
  void a.drain().then(() => (drained = true))
  await pass(99)
  t.false(drained)
  await pass(1)
  t.true(drained)
  t.deepEqual(worksOn('a'), [])
  await pass(leaseMs)
  t.is(bucket.leased(), 0)
})

test.serial('a partition that cannot be opened is tried again, and the others are worked on', async t => {
  const { join, pass, worksOn } = start(t)
  let refusals = 2
  const opened: number[] = []
  const a = join('a', {
    open: partition => {
      if (partition === 1 && refusals-- > 0) throw new Error('not now')
      opened.push(partition)
      return { drain: async () => undefined }
    },
  })
  await pass(1)
  t.is(a.owned().length, partitions - 1)
  await pass(2_000)
  t.deepEqual(
    a.owned().toSorted((x, y) => x - y),
    all,
  )
  t.is(opened.length, partitions)
  t.is(a.troubles.length, 2)
  t.deepEqual(worksOn('a'), [])
})

test.serial('a worker that ends drains its partitions, releases their leases, and asks for nothing more', async t => {
  const { join, pass, bucket, worksOn } = start(t)
  const a = join('a', { drainMs: 300 })
  await pass(2_500)
  t.is(bucket.leased(), partitions)
  a.network.requestMs = 50
  let ended = false
  void a.drain().then(() => (ended = true))
  await pass(299)
  t.deepEqual(a.owned(), [], 'none is taken on')
  t.is(bucket.leased(), partitions, 'the leases are kept until the partitions are drained')
  await pass(50)
  t.false(ended)
  await pass(1)
  t.true(ended)
  t.deepEqual(worksOn('a'), [])
  t.is(bucket.leased(), 0)
  t.deepEqual(bucket.workers(), [])
  const asked = { ...a.requests }
  await pass(2 * leaseMs)
  t.deepEqual(a.requests, asked)
  await t.notThrowsAsync(a.drain(), 'a second end does nothing')
})
