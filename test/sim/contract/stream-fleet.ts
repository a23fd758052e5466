import { firstValueFrom, take, toArray } from 'rxjs'
import type { Streams } from '../../../src/streams/connect.ts'
import { until } from '../../support/until.ts'
import type { Behaviour } from './hold.ts'
import { type StreamSide } from './stream-sides.ts'

const opened = async (side: StreamSide, leaseMs = 60_000) => {
  const streams = await side.connect()
  return { streams, leases: await streams.leases({ leaseMs, replicas: 1 }) }
}
/** Resolves once what this connection has sent and asked for has reached the server. */
const settled = (streams: Streams) => streams.ping()

export const streamFleet: readonly Behaviour<StreamSide>[] = [
  {
    title: 'a lease has one owner, who alone renews it, each time with a higher revision',
    outcome: [[0, true], null, true, null],
    steps: async side => {
      const [{ leases }, { leases: others }] = [await opened(side), await opened(side)]
      const lease = await leases.take(0, 'a')
      const refused = await others.take(0, 'b')
      if (lease === null) return null
      const renewed = await leases.renew(lease, 'a')
      const late = await others.renew(lease, 'b')
      return [
        [lease.partition, lease.revision > 0],
        refused,
        renewed !== null && renewed.revision > lease.revision,
        late,
      ]
    },
  },
  {
    title: 'a released lease is free at once; one that was renewed since is not released',
    outcome: [true, null, true, null],
    steps: async side => {
      const { leases } = await opened(side)
      const lease = await leases.take(0, 'a')
      if (lease === null) return null
      await leases.release(lease)
      const second = await leases.take(0, 'b')
      if (second === null) return null
      const renewed = await leases.renew(second, 'b')
      await leases.release(second)
      const refused = await leases.take(0, 'c')
      if (renewed !== null) await leases.release(renewed)
      return [
        second.revision > lease.revision,
        refused,
        (await leases.take(0, 'c')) !== null,
        await leases.renew(second, 'b'),
      ]
    },
  },
  {
    title: 'a lease and a heartbeat that are not renewed end by themselves, and renewed ones stay',
    outcome: [['a', 'b'], ['b'], null, true],
    steps: async side => {
      const { leases } = await opened(side, 3_000)
      await leases.beat('a')
      await leases.beat('b')
      const before = await leases.workers()
      const lease = await leases.take(0, 'a')
      let own = await leases.take(1, 'b')
      const stop = setInterval(() => {
        void leases.beat('b')
        if (own !== null) void leases.renew(own, 'b').then(renewed => (own = renewed ?? own))
      }, 150)
      const after = await until(leases.workers, workers => workers.length === 1)
      const free = await until(
        () => leases.take(0, 'c'),
        taken => taken !== null,
      )
      const late = lease === null ? 'no lease' : await leases.renew(lease, 'a')
      const kept = (await leases.take(1, 'c')) === null
      clearInterval(stop)
      return [before, after, late, kept && free !== null]
    },
  },
  {
    title: 'workers are listed in order; one that leaves is gone at once',
    outcome: [['a', 'b', 'c'], ['a', 'c'], { workers: ['a', 'c'], owned: [3] }],
    steps: async side => {
      const { streams, leases } = await opened(side)
      for (const worker of ['c', 'a', 'b', 'a']) await leases.beat(worker)
      await leases.take(3, 'a')
      const before = await leases.workers()
      await leases.leave('b')
      return [before, await leases.workers(), await streams.fleet()]
    },
  },
  {
    title: 'who joins, leaves or releases is announced to every process, and a heartbeat or a renewal is not',
    outcome: [3, 3],
    steps: async side => {
      const [one, two] = [await opened(side), await opened(side)]
      const heard = [0, 0]
      const count = (index: number) => () => void (heard[index] = (heard[index] ?? 0) + 1)
      one.leases.changes$.subscribe(count(0))
      two.leases.changes$.subscribe(count(1))
      await settled(one.streams)
      await settled(two.streams)
      await one.leases.beat('a')
      await one.leases.beat('a')
      const lease = await one.leases.take(0, 'a')
      const renewed = lease === null ? null : await one.leases.renew(lease, 'a')
      if (renewed !== null) await one.leases.release(renewed)
      await one.leases.leave('a')
      await settled(one.streams)
      await settled(two.streams)
      return until(
        () => heard,
        ([first, second]) => first === 3 && second === 3,
      )
    },
  },
  {
    title: 'work under the lock of the stream runs in one process at a time',
    outcome: ['a begins', 'a ends', 'b begins', 'b ends'],
    steps: async side => {
      const [one, two] = [await opened(side), await opened(side)]
      const done: string[] = []
      const begun = Promise.withResolvers<void>()
      const work = (name: string) => async (renew: () => Promise<void>) => {
        done.push(`${name} begins`)
        begun.resolve()
        await renew()
        await renew()
        done.push(`${name} ends`)
      }
      const first = one.leases.exclusively(work('a'))
      await begun.promise
      await two.leases.exclusively(work('b'))
      await first
      return done
    },
  },
  {
    title: 'a signal reaches every process that listens, its sender as well, and no later one',
    outcome: [
      ['sub_1', 'rpl_2'],
      ['sub_1', 'rpl_2'],
    ],
    steps: async side => {
      const [{ streams: one }, { streams: two }] = [await opened(side), await opened(side)]
      one.wake('early')
      await settled(one)
      const heard = [one, two].map(({ wakes$ }) => firstValueFrom(wakes$.pipe(take(2), toArray())))
      await settled(one)
      await settled(two)
      two.wake('sub_1')
      await settled(two)
      two.wake('rpl_2')
      return Promise.all(heard)
    },
  },
]
