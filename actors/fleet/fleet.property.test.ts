import test from 'ava'
import fc from 'fast-check'
import { fleet, type FleetState, initialFleet } from './behaviour.ts'
import type { FleetEffect, FleetMessage, Lease } from './protocol.ts'

const partitions = 8
const leaseMs = 6_000

/** The bucket: what is not renewed is forgotten. */
const createStore = () => {
  const beats = new Map<string, number>()
  const leases = new Map<number, { revision: number; until: number }>()
  let revision = 0
  const write = (partition: number, now: number): Lease => {
    revision += 1
    leases.set(partition, { revision, until: now + leaseMs })
    return { partition, revision }
  }
  const held = (partition: number, now: number) => {
    const lease = leases.get(partition)
    return lease !== undefined && lease.until > now ? lease : undefined
  }
  return {
    beat: (worker: string, now: number) => void beats.set(worker, now + leaseMs),
    workers: (now: number) => [...beats].filter(([, until]) => until > now).map(([worker]) => worker),
    leave: (worker: string) => void beats.delete(worker),
    take: (partition: number, now: number) => (held(partition, now) === undefined ? write(partition, now) : null),
    renew: (lease: Lease, now: number) =>
      held(lease.partition, now)?.revision === lease.revision ? write(lease.partition, now) : null,
    release: (lease: Lease) => {
      if (leases.get(lease.partition)?.revision === lease.revision) leases.delete(lease.partition)
    },
  }
}

interface Worker {
  readonly name: string
  state: FleetState
  readonly underWay: { effect: FleetEffect; sentAt: number }[]
  readonly working: Set<number>
  dead: boolean
}

/** Workers that come, leave and die at random; the store may not answer. `overlap` is set when two work on one partition. */
const run = (choices: readonly number[]) => {
  const store = createStore()
  const workers: Worker[] = []
  let now = 1_000_000
  let draws = 0
  let overlap = false
  const draw = (below: number) => (choices[draws++ % choices.length] ?? 0) % below

  const tell = (worker: Worker, message: FleetMessage) => {
    const step = fleet(worker.state, message, { now, chance: 0 })
    worker.state = step.state
    for (const effect of step.effects) {
      if (effect.type === 'open') {
        overlap ||= workers.some(other => other !== worker && other.working.has(effect.partition))
        worker.working.add(effect.partition)
      } else worker.underWay.push({ effect, sentAt: now })
    }
  }
  const answer = (worker: Worker, away: boolean) => {
    const next = worker.underWay.shift()
    if (next === undefined) return
    const { effect, sentAt } = next
    switch (effect.type) {
      case 'beat':
        if (away) return tell(worker, { type: 'unanswered', partition: null })
        store.beat(worker.name, now)
        return tell(worker, { type: 'workersRead', workers: store.workers(now) })
      case 'take':
        if (away) return tell(worker, { type: 'unanswered', partition: effect.partition })
        return tell(worker, {
          type: 'taken',
          partition: effect.partition,
          lease: store.take(effect.partition, now),
          sentAt,
        })
      case 'renew':
        if (away) return tell(worker, { type: 'unanswered', partition: effect.lease.partition })
        return tell(worker, {
          type: 'renewed',
          partition: effect.lease.partition,
          lease: store.renew(effect.lease, now),
          sentAt,
        })
      case 'drainPartition':
        worker.working.delete(effect.partition)
        return tell(worker, { type: 'drained', partition: effect.partition })
      case 'release':
        return store.release(effect.lease)
      case 'leave':
        return store.leave(worker.name)
      default:
        return undefined
    }
  }
  const alive = () => workers.filter(({ dead, state }) => !dead && state.phase !== 'done')
  const second = (away: boolean) => {
    now += 1_000
    for (const worker of alive()) tell(worker, { type: 'ticked' })
    for (const worker of alive()) while (worker.underWay.length > 0) answer(worker, away)
  }
  const join = () =>
    workers.push({
      name: `worker-${workers.length}`,
      state: initialFleet(`worker-${workers.length}`, partitions, leaseMs),
      underWay: [],
      working: new Set(),
      dead: false,
    })

  join()
  for (let step = 0; step < 60; step += 1) {
    const what = draw(12)
    const [some] = alive().slice(draw(Math.max(1, alive().length)))
    if (what === 0 && workers.length < 6) join()
    else if (what === 1 && some !== undefined && alive().length > 1) tell(some, { type: 'drain' })
    else if (what === 2 && some !== undefined && alive().length > 1) {
      some.dead = true
      some.working.clear()
    }
    second(what === 3)
  }
  for (let step = 0; step < 12; step += 1) second(false)
  const owned = alive().flatMap(({ working }) => [...working])
  return { overlap, owned, workers: alive() }
}

test('whatever comes, leaves, dies or does not answer: no partition has two workers, and in the end each has one', t => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { minLength: 30, maxLength: 200 }), choices => {
      const { overlap, owned } = run(choices)
      return !overlap && owned.length === partitions && new Set(owned).size === partitions
    }),
    { numRuns: 300 },
  )
  t.pass()
})
