import { setTimeout as wait } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { NEVER } from 'rxjs'
import { connectStreams } from '../../src/streams/connect.ts'
import { freshName, natsUrl } from '../../test/support/servers.ts'
import { systemClock } from '../kit/clock.ts'
import { startFleet } from './fleet.ts'
import type { LeaseStore } from './protocol.ts'
import { ownerOf } from './rendezvous.ts'
import { until } from '../../test/support/until.ts'

const log = { info: () => undefined, warn: () => undefined }
const partitions = 12
const all = Array.from({ length: partitions }, (_, partition) => partition)

/** Workers that share one bucket on the real server; `faults` are partitions that two of them worked on at once. */
const start = (t: ExecutionContext, leaseMs: number) => {
  const name = freshName('fleet')
  const working = new Map<number, string>()
  const faults: string[] = []
  const join = async (worker: string, drainMs = 0) => {
    const streams = await connectStreams({ url: natsUrl(), log, names: { stream: name, root: name } })
    t.teardown(streams.close)
    const real = await streams.leases({ leaseMs, replicas: 1 })
    let silent = false
    const away = () => Promise.reject(new Error('cut off'))
    const leases: LeaseStore = {
      beat: of => (silent ? away() : real.beat(of)),
      workers: () => (silent ? away() : real.workers()),
      take: (partition, by) => (silent ? away() : real.take(partition, by)),
      renew: (lease, by) => (silent ? away() : real.renew(lease, by)),
      release: lease => (silent ? away() : real.release(lease)),
      leave: of => (silent ? away() : real.leave(of)),
      changes$: real.changes$,
    }
    const troubles: unknown[] = []
    const drains: number[] = []
    const fleet = startFleet({
      leases,
      worker,
      partitions,
      leaseMs,
      open: partition => {
        const other = working.get(partition)
        if (other !== undefined) faults.push(`${partition}: ${worker} beside ${other}`)
        working.set(partition, worker)
        return {
          drain: async () => {
            await wait(drainMs)
            if (working.get(partition) === worker) working.delete(partition)
            drains.push(partition)
          },
        }
      },
      clock: systemClock,
      onTrouble: error => void troubles.push(error),
      onChange: () => undefined,
    })
    t.teardown(() => fleet.drain())
    return { ...fleet, troubles, drains, cut: () => (silent = true), reconnect: () => (silent = false) }
  }
  const shareOf = (worker: string, workers: readonly string[]) => all.filter(each => ownerOf(each, workers) === worker)
  const worksOn = (worker: string) => all.filter(each => working.get(each) === worker)
  return { join, faults, shareOf, worksOn }
}

test('workers share the partitions as they come, and one that leaves in order hands its share over', async t => {
  // So long a lease that only an orderly hand-over can pass within the test.
  const { join, faults, shareOf, worksOn } = start(t, 60_000)
  const a = await join('a')
  await a.ready
  t.deepEqual(worksOn('a'), all)
  const b = await join('b', 50)
  const c = await join('c')
  const three = ['a', 'b', 'c']
  await until(() => three.every(worker => worksOn(worker).join() === shareOf(worker, three).join()))
  t.deepEqual(c.workers(), three)
  await b.drain()
  const two = ['a', 'c']
  await until(() => two.every(worker => worksOn(worker).join() === shareOf(worker, two).join()))
  await Promise.all([a.drain(), c.drain()])
  t.deepEqual([...worksOn('a'), ...worksOn('c')], [])
  t.deepEqual(faults, [])
  t.deepEqual([a.troubles, b.troubles, c.troubles], [[], [], []])
})

test('what a worker that is cut off worked on goes to the others once its leases run out, and it comes back by itself', async t => {
  const leaseMs = 3_000
  const { join, faults, shareOf, worksOn } = start(t, leaseMs)
  const a = await join('a')
  const b = await join('b')
  const both = ['a', 'b']
  const shared = () => both.every(worker => worksOn(worker).join() === shareOf(worker, both).join())
  await until(shared)
  b.cut()
  const cutAt = performance.now()
  await until(() => worksOn('a').length === partitions)
  t.deepEqual(b.owned(), [])
  const periods = Math.ceil((performance.now() - cutAt) / leaseMs)
  t.true(
    b.troubles.length > 0 && b.troubles.length <= periods,
    `${b.troubles.length} reports in ${periods} lease times`,
  )
  b.reconnect()
  await until(shared)
  t.deepEqual(faults, [])
  t.is(a.troubles.length, 0)
})

/** Leases of a fleet of one that always get an answer, and never run out. */
const endlessLeases: LeaseStore = {
  beat: async () => undefined,
  workers: async () => ['a'],
  take: async partition => ({ partition, revision: 1 }),
  renew: async lease => lease,
  release: async () => undefined,
  leave: async () => undefined,
  changes$: NEVER,
}

test('a partition that cannot be opened is tried again, and the others are worked on', async t => {
  let refusals = 2
  const troubles: unknown[] = []
  const fleet = startFleet({
    leases: endlessLeases,
    worker: 'a',
    partitions: 3,
    leaseMs: 1_200,
    open: partition => {
      if (partition === 1 && refusals-- > 0) throw new Error('not now')
      return { drain: () => Promise.resolve() }
    },
    clock: systemClock,
    onTrouble: error => void troubles.push(error),
    onChange: () => undefined,
  })
  t.teardown(() => fleet.drain())
  await until(() => fleet.owned().length === 3)
  t.is(troubles.length, 2)
})
