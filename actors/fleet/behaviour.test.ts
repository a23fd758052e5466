import test from 'ava'
import { fleet, type FleetState, initialFleet } from './behaviour.ts'
import type { FleetEffect, FleetMessage } from './protocol.ts'
import { ownerOf } from './rendezvous.ts'

const leaseMs = 6_000
const partitions = 4
const both = ['a', 'b']
const oursOfBoth = [0, 1, 2, 3].filter(partition => ownerOf(partition, both) === 'a')
const theirsOfBoth = [0, 1, 2, 3].filter(partition => ownerOf(partition, both) === 'b')
const lease = (partition: number, revision = 1) => ({ partition, revision })

/** A worker `a` that hears messages one after another; `effects` are those of the last. */
const hear = (from: FleetState, ...messages: readonly (FleetMessage | readonly [number, FleetMessage])[]) => {
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
const alone = hear(begun, { type: 'ticked' }, read('a'), taken(0), taken(1), taken(2), taken(3)).state
const drains = (effects: readonly FleetEffect[]) =>
  effects.flatMap(effect => (effect.type === 'drainPartition' ? [effect.partition] : []))

test('a worker takes what is its own among those that live, and opens what it was given', t => {
  const { state, effects } = hear(begun, { type: 'ticked' }, read('a', 'b'))
  t.deepEqual(
    effects,
    oursOfBoth.map(partition => ({ type: 'take', partition })),
  )
  t.false(state.settled)
  const opened = hear(state, taken(oursOfBoth[0] ?? 0))
  t.deepEqual(opened.effects, [{ type: 'open', partition: oursOfBoth[0] }])
})

test('a partition that somebody holds is not opened, and asked for again at the next look', t => {
  const { state } = hear(begun, { type: 'ticked' }, read('a'))
  const refused = hear(state, { type: 'taken', partition: 2, lease: null, sentAt: 0 })
  t.deepEqual(refused.effects, [])
  t.deepEqual(hear(refused.state, read('a')).effects, [{ type: 'take', partition: 2 }])
})

test('what goes to a worker that came is drained first, and released only when it is drained', t => {
  const { state, effects } = hear(alone, { type: 'ticked' }, read('a', 'b'))
  t.deepEqual(drains(effects), theirsOfBoth)
  const [moving = 0] = theirsOfBoth
  t.is(state.held.get(moving)?.mode, 'draining')
  const renewal = { type: 'renewed', partition: moving, lease: lease(moving, 7), sentAt: 10 } as const
  const drained = hear(state, renewal, { type: 'drained', partition: moving })
  t.deepEqual(drained.effects, [{ type: 'release', lease: lease(moving, 7) }])
})

test('a partition drained during its renewal is released with the lease that the renewal made', t => {
  const [moving = 0] = theirsOfBoth
  const waiting = hear(alone, { type: 'ticked' }, read('a', 'b'), { type: 'drained', partition: moving })
  t.deepEqual(waiting.effects, [])
  const renewed = hear(waiting.state, { type: 'renewed', partition: moving, lease: lease(moving, 8), sentAt: 0 })
  t.deepEqual(renewed.effects, [{ type: 'release', lease: lease(moving, 8) }])
  const silent = hear(waiting.state, { type: 'unanswered', partition: moving })
  t.deepEqual(silent.effects, [{ type: 'release', lease: lease(moving) }])
})

test('a lease that was lost ends the work and is not released', t => {
  const lost = hear(alone, { type: 'ticked' }, { type: 'renewed', partition: 1, lease: null, sentAt: 0 })
  t.deepEqual(lost.effects, [{ type: 'drainPartition', partition: 1 }])
  t.deepEqual(hear(lost.state, { type: 'drained', partition: 1 }).effects, [])
})

test('leases that nobody answered for are given up while a whole tick is left to drain', t => {
  const silence = [0, 1, 2, 3].map(partition => ({ type: 'unanswered', partition }) as const)
  const asked = hear(alone, [1_000, { type: 'ticked' }], ...silence).state
  t.deepEqual(drains(hear(asked, [3_999, { type: 'ticked' }]).effects), [])
  t.deepEqual(drains(hear(asked, [4_000, { type: 'ticked' }]).effects), [0, 1, 2, 3])
})

test('renewals and looks do not pile up while nobody answers, and a change heard during a look makes another', t => {
  const first = hear(alone, { type: 'ticked' })
  t.deepEqual(
    first.effects.map(({ type }) => type),
    ['beat', 'renew', 'renew', 'renew', 'renew'],
  )
  const stirred = hear(first.state, { type: 'ticked' }, { type: 'stirred' })
  t.deepEqual(stirred.effects, [])
  t.deepEqual(hear(stirred.state, read('a')).effects, [{ type: 'beat' }])
  t.deepEqual(hear(first.state, read('a')).effects, [])
  t.deepEqual(hear(stirred.state, { type: 'unanswered', partition: null }, { type: 'stirred' }).effects, [
    { type: 'beat' },
  ])
})

test('a worker that ends leaves at once, drains everything, releases what it is given late, and then is done', t => {
  const { state: taking } = hear(alone, { type: 'renewed', partition: 3, lease: null, sentAt: 0 })
  const ending = hear(taking, { type: 'drained', partition: 3 }, read('a'), { type: 'drain' })
  t.deepEqual(ending.effects[0], { type: 'leave' })
  t.deepEqual(drains(ending.effects), [0, 1, 2])
  const late = hear(ending.state, taken(3))
  t.deepEqual(late.effects, [{ type: 'release', lease: lease(3) }])
  const done = hear(late.state, ...[0, 1, 2].map(partition => ({ type: 'drained', partition }) as const))
  t.is(done.state.phase, 'done')
})

test('after a restart nothing is waited for that will not come', t => {
  const [moving = 0] = theirsOfBoth
  const before = hear(alone, { type: 'ticked' }, read('a', 'b')).state
  const { state, effects } = hear(before, { type: 'restarted' })
  t.deepEqual(drains(effects), theirsOfBoth)
  t.true([...state.held.values()].every(({ renewing }) => !renewing))
  t.is(state.look, 'none')
  t.is(hear(state, { type: 'ticked' }).effects.filter(({ type }) => type === 'renew').length, partitions)
  t.deepEqual(hear(state, { type: 'drained', partition: moving }).effects, [{ type: 'release', lease: lease(moving) }])
})
