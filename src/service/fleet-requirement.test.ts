import test from 'ava'
import { Subject } from 'rxjs'
import { Failure } from '../domain/failure.ts'
import type { FleetState } from '../streams/fleet-state.ts'
import { fleetGround, workersRequirement } from './fleet-requirement.ts'

/** A fleet with four partitions. `look` reads it at a moment, and returns what is said about it. */
const watched = () => {
  let state: FleetState | Error = { workers: [], owned: [] }
  let now = 0
  const fleet = async () => {
    if (state instanceof Error) throw state
    return state
  }
  const { check } = workersRequirement({ fleet, partitions: 4, now: () => now })
  return {
    look: async (atMs: number, is: FleetState | Error = state) => {
      state = is
      now = atMs
      return (await check()).map(({ difference }) => difference)
    },
    check,
  }
}
const all = [0, 1, 2, 3]

test('a fleet in which every partition has an owner lacks nothing', async t => {
  const { look } = watched()
  t.deepEqual(await look(0, { workers: ['a'], owned: all }), [])
  t.deepEqual(await look(3_600_000), [])
})

test('a fleet without a worker is reported once it has lasted longer than a takeover, until partitions are taken', async t => {
  const { look, check } = watched()
  t.deepEqual(await look(0), [])
  t.deepEqual(await look(9_999), [])
  t.deepEqual(await look(10_000), ['none is running'])
  t.deepEqual(await check(), [
    {
      system: 'fleet',
      object: 'workers',
      difference: 'none is running',
      outcome: 'broken',
      promise: 'Events of their tenants are accepted and wait in the stream; none is delivered.',
      remedy:
        'Start a worker (DOORBELL_ROLE=worker). If one is started and ends again and again, its last lines say why.',
      refusesEvents: false,
    },
  ])
  t.deepEqual(await look(16_000, { workers: ['a'], owned: all }), [])
})

test('a partition that moves from one worker to another in time is not reported, however often it moves', async t => {
  const { look } = watched()
  for (let round = 0; round < 5; round += 1) {
    t.deepEqual(await look(round * 12_000, { workers: ['a', 'b'], owned: [0, 1, 2] }), [])
    t.deepEqual(await look(round * 12_000 + 9_999, { workers: ['b'], owned: all }), [])
  }
})

test('partitions without an owner are named in order, and only those that have waited long enough', async t => {
  const { look } = watched()
  t.deepEqual(await look(0, { workers: ['a', 'b'], owned: [0, 2] }), [])
  t.deepEqual(await look(5_000, { workers: ['a', 'b'], owned: [2] }), [])
  t.deepEqual(await look(10_000), ['2 are running, and 2 of 4 partitions have no owner (1, 3)'])
  t.deepEqual(await look(15_000, { workers: ['a'], owned: [2] }), [
    '1 is running, and 3 of 4 partitions have no owner (0, 1, 3)',
  ])
})

test('a bucket that does not answer says nothing about the fleet', async t => {
  const { look } = watched()
  await t.throwsAsync(look(0, new Failure('streams_unavailable', 'away')), { code: 'streams_unavailable' })
})

const groundOf = (role: 'all' | 'api' | 'worker', paused: readonly number[] = []) => {
  const looks$ = new Subject<void>()
  const fleet = async () => ({ workers: [], owned: [] })
  return { looks$, ...fleetGround({ role, fleet, partitions: 16, paused: () => paused }, looks$) }
}

test('a process that accepts events needs workers, a worker needs all its partitions, and both are looked at when a look is due', t => {
  for (const [role, names] of [
    ['all', ['workers', 'partitions']],
    ['api', ['workers']],
    ['worker', ['partitions']],
  ] as const) {
    const ground = groundOf(role)
    t.deepEqual([ground.system, ground.requirements.map(({ name }) => name)], ['fleet', names] as never)
    t.is(ground.doubts$, ground.looks$)
  }
})

test('partitions that were paused after faults are named', async t => {
  t.deepEqual(await groundOf('worker').requirements[0]?.check(), [])
  t.like((await groundOf('worker', [12, 3]).requirements[0]?.check())?.[0], {
    system: 'fleet',
    object: 'partitions',
    difference: '2 of 16 paused after repeated faults (3, 12)',
    outcome: 'broken',
    refusesEvents: false,
  })
})
