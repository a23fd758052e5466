import test from 'ava'
import { fleet } from './behaviour.ts'
import type { FleetEffect, FleetMessage } from './protocol.ts'
import { ownerOf } from './rendezvous.ts'
import { type FleetState, initialFleet } from './state.ts'

const leaseMs = 6_000
const partitions = 4
const both = ['a', 'b']
const oursOfBoth = [0, 1, 2, 3].filter(partition => ownerOf(partition, both) === 'a')
const theirsOfBoth = [0, 1, 2, 3].filter(partition => ownerOf(partition, both) === 'b')
const lease = (partition: number, revision = 1) => ({ partition, revision })

/** Gives a worker `a` messages one after another; `effects` are those of the last. */
const after = (from: FleetState, ...messages: readonly (FleetMessage | readonly [number, FleetMessage])[]) => {
  let state = from
  let effects: readonly FleetEffect[] = []
  for (const each of messages) {
    const [now, message] = 'type' in each ? [0, each] : each
    ;({ state, effects } = fleet(state, message, { now, chance: 0 }))
  }
  return { state, effects }
}
const begun = initialFleet('a', partitions, leaseMs)
const taken = (partition: number, sentAt = 0): FleetMessage => ({
  type: 'taken',
  partition,
  lease: lease(partition),
  sentAt,
})
const read = (...workers: string[]): FleetMessage => ({ type: 'workersRead', workers })
const alone = after(begun, { type: 'ticked' }, read('a'), taken(0), taken(1), taken(2), taken(3)).state
const drains = (effects: readonly FleetEffect[]) =>
  effects.flatMap(effect => (effect.type === 'drainPartition' ? [effect.partition] : []))

test('a worker takes its share among the live workers, and opens each partition when it has the lease', t => {
  const { state, effects } = after(begun, { type: 'ticked' }, read('a', 'b'))
  t.deepEqual(
    effects,
    oursOfBoth.map(partition => ({ type: 'take', partition })),
  )
  t.false(state.settled)
  const opened = after(state, taken(oursOfBoth[0] ?? 0))
  t.deepEqual(opened.effects, [{ type: 'open', partition: oursOfBoth[0] }])
})

test('a partition that another worker holds is not opened, and tried again at the next reading of the workers', t => {
  const { state } = after(begun, { type: 'ticked' }, read('a'))
  const refused = after(state, { type: 'taken', partition: 2, lease: null, sentAt: 0 })
  t.deepEqual(refused.effects, [])
  t.deepEqual(after(refused.state, read('a')).effects, [{ type: 'take', partition: 2 }])
})

test('a partition that moves to a new worker is drained first, and released only when it is drained', t => {
  const { state, effects } = after(alone, { type: 'ticked' }, read('a', 'b'))
  t.deepEqual(drains(effects), theirsOfBoth)
  const [moving = 0] = theirsOfBoth
  t.is(state.held.get(moving)?.mode, 'draining')
  const renewal = { type: 'renewed', partition: moving, lease: lease(moving, 7), sentAt: 10 } as const
  const drained = after(state, renewal, { type: 'drained', partition: moving })
  t.deepEqual(drained.effects, [{ type: 'release', lease: lease(moving, 7) }])
})

test('a partition that is drained during its renewal is released with the renewed lease', t => {
  const [moving = 0] = theirsOfBoth
  const waiting = after(alone, { type: 'ticked' }, read('a', 'b'), { type: 'drained', partition: moving })
  t.deepEqual(waiting.effects, [])
  const renewed = after(waiting.state, { type: 'renewed', partition: moving, lease: lease(moving, 8), sentAt: 0 })
  t.deepEqual(renewed.effects, [{ type: 'release', lease: lease(moving, 8) }])
  const silent = after(waiting.state, { type: 'unanswered', partition: moving })
  t.deepEqual(silent.effects, [{ type: 'release', lease: lease(moving) }])
})

test('a lost lease ends the work and is not released', t => {
  const lost = after(alone, { type: 'ticked' }, { type: 'renewed', partition: 1, lease: null, sentAt: 0 })
  t.deepEqual(lost.effects, [{ type: 'drainPartition', partition: 1 }])
  t.deepEqual(after(lost.state, { type: 'drained', partition: 1 }).effects, [])
})

test('leases whose renewals are not answered are given up while a whole tick is left to drain', t => {
  const silence = [0, 1, 2, 3].map(partition => ({ type: 'unanswered', partition }) as const)
  const asked = after(alone, [1_000, { type: 'ticked' }], ...silence).state
  t.deepEqual(drains(after(asked, [3_999, { type: 'ticked' }]).effects), [])
  t.deepEqual(drains(after(asked, [4_000, { type: 'ticked' }]).effects), [0, 1, 2, 3])
})

test('renewals and readings do not pile up without answers, and a change during a reading causes another reading', t => {
  const first = after(alone, { type: 'ticked' })
  t.deepEqual(
    first.effects.map(({ type }) => type),
    ['beat', 'renew', 'renew', 'renew', 'renew'],
  )
  t.deepEqual(after(first.state, { type: 'ticked' }).effects, [], 'the same revision is not renewed twice')
  const changed = after(first.state, { type: 'ticked' }, { type: 'fleetChanged' })
  t.deepEqual(changed.effects, [])
  t.deepEqual(after(changed.state, read('a')).effects, [{ type: 'beat' }])
  t.deepEqual(after(first.state, read('a')).effects, [])
  t.deepEqual(after(changed.state, { type: 'unanswered', partition: null }, { type: 'fleetChanged' }).effects, [
    { type: 'beat' },
  ])
})

test('a worker that ends leaves at once, drains everything, releases a lease that arrives late, and is done then', t => {
  const { state: taking } = after(alone, { type: 'renewed', partition: 3, lease: null, sentAt: 0 })
  const ending = after(taking, { type: 'drained', partition: 3 }, read('a'), { type: 'drain' })
  t.deepEqual(ending.effects[0], { type: 'leave' })
  t.deepEqual(drains(ending.effects), [0, 1, 2])
  const late = after(ending.state, taken(3))
  t.deepEqual(late.effects, [{ type: 'release', lease: lease(3) }])
  const done = after(late.state, ...[0, 1, 2].map(partition => ({ type: 'drained', partition }) as const))
  t.is(done.state.phase, 'done')
})

test('after a restart the actor does not wait for answers to earlier requests', t => {
  const [moving = 0] = theirsOfBoth
  const before = after(alone, { type: 'ticked' }, read('a', 'b')).state
  const { state, effects } = after(before, { type: 'begun' })
  t.deepEqual(drains(effects), theirsOfBoth)
  t.true([...state.held.values()].every(({ renewing }) => !renewing))
  t.is(state.reading, 'none')
  t.is(after(state, { type: 'ticked' }).effects.filter(({ type }) => type === 'renew').length, partitions)
  t.deepEqual(after(state, { type: 'drained', partition: moving }).effects, [{ type: 'release', lease: lease(moving) }])
})

test('a partition on its way out is drained once, and its lease is renewed until it is released', t => {
  const [moving = 0] = theirsOfBoth
  const leaving = after(alone, { type: 'ticked' }, read('a', 'b')).state
  t.deepEqual(after(leaving, { type: 'ticked' }, read('a', 'b')).effects, [])
  const drained = after(leaving, { type: 'drained', partition: moving }).state
  t.is(drained.held.get(moving)?.mode, 'drained')
  t.deepEqual(drains(after(drained, { type: 'ticked' }, read('a', 'b'), { type: 'drain' }).effects), oursOfBoth)
  const silent = after(leaving, { type: 'unanswered', partition: moving }, { type: 'ticked' })
  t.deepEqual(silent.effects, [{ type: 'beat' }, { type: 'renew', lease: lease(moving) }])
})

test('a worker that ends reads and takes nothing more, keeps its leases until they are released, and waits for answers', t => {
  const { state: taking } = after(begun, { type: 'ticked' }, read('a'), taken(0), taken(1))
  const ending = after(taking, { type: 'drain' }).state
  t.deepEqual(
    after(ending, { type: 'ticked' }).effects.map(({ type }) => type),
    ['renew', 'renew'],
  )
  t.deepEqual(after(ending, { type: 'fleetChanged' }).effects, [])
  t.deepEqual(after(ending, read('a', 'b')).effects, [])
  const drained = after(ending, { type: 'drained', partition: 0 }, { type: 'drained', partition: 1 }).state
  t.is(drained.phase, 'draining', 'two answers may still bring a lease')
  const refused = after(drained, { type: 'unanswered', partition: 2 }).state
  t.is(refused.phase, 'draining')
  t.is(after(refused, { type: 'taken', partition: 3, lease: null, sentAt: 0 }).state.phase, 'done')
})

test('a restart during the end leaves again, drains again what is not drained, and does not wait for what is', t => {
  const ending = after(alone, { type: 'ticked' }, { type: 'drain' }, { type: 'drained', partition: 0 }).state
  const { state, effects } = after(ending, { type: 'begun' })
  t.deepEqual(effects, [
    { type: 'leave' },
    ...[1, 2, 3].map(partition => ({ type: 'drainPartition', partition }) as const),
  ])
  t.false(state.held.has(0))
  const done = after(state, ...[1, 2, 3].map(partition => ({ type: 'drained', partition }) as const))
  t.is(done.state.phase, 'done')
})
