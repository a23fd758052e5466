import test from 'ava'
import fc from 'fast-check'
import { createBucket } from '../../test/support/fake-leases.ts'
import { fleet } from './behaviour.ts'
import type { FleetEffect, FleetMessage } from './protocol.ts'
import { evenSharesMark, ownersOf } from './shares.ts'
import { type FleetState, initialFleet, tickMs } from './state.ts'

const leaseMs = 6_000
const partitions = 5

type Trouble = 'none' | 'request' | 'answer'
type Happening = 'join' | 'leave' | 'kill' | 'cut' | 'reconnect' | 'restart'

/** Simulates workers over one bucket in virtual time. Requests and answers take a while, and are lost while a worker is cut off. */
const simulate = (
  happenings: readonly { what: Happening; who: number; afterMs: number }[],
  chances: readonly number[],
) => {
  let now = 0
  let draws = 0
  const chance = (below: number) => (chances[draws++ % chances.length] ?? 0) % below
  const queue: { at: number; run: () => void }[] = []
  const later = (delayMs: number, run: () => void) => void queue.push({ at: now + delayMs, run })
  const bucket = createBucket(leaseMs, () => now)
  const workers = new Map<string, { state: FleetState; trouble: Trouble; life: number; working: Set<number> }>()
  const overlaps: string[] = []
  let names = 0

  const check = () => {
    for (let partition = 0; partition < partitions; partition += 1) {
      const open = [...workers].filter(([, { state }]) => state.held.get(partition)?.mode === 'open')
      const working = [...workers].filter(([, worker]) => worker.working.has(partition))
      if (open.length > 1) overlaps.push(`open ${partition} at ${now}: ${open.map(([name]) => name).join()}`)
      if (working.length > 1) overlaps.push(`working ${partition} at ${now}: ${working.map(([name]) => name).join()}`)
    }
  }
  const drains = new Map<string, number>()
  const tell = (name: string, message: FleetMessage, life = workers.get(name)?.life) => {
    const worker = workers.get(name)
    if (worker === undefined || worker.life !== life || worker.state.phase === 'done') return
    const step = fleet(worker.state, message, { now, chance: 0 })
    worker.state = step.state
    step.effects.forEach(effect => perform(name, effect))
    check()
    if (step.state.phase === 'done') worker.working.clear()
  }
  /** Delivers the answer after the delays of the request and of the way back. */
  const ask = (name: string, partition: number | null, request: () => FleetMessage | null) => {
    const { trouble = 'none', life } = workers.get(name) ?? {}
    later(chance(200), () => {
      const answer = trouble === 'request' ? null : request()
      if (trouble === 'none') later(chance(200), () => answer && tell(name, answer, life))
      else later(1_000 + chance(4_000), () => tell(name, { type: 'unanswered', partition }, life))
    })
  }
  const perform = (name: string, effect: FleetEffect): void => {
    const sentAt = now
    const worker = workers.get(name)
    const life = worker?.life
    switch (effect.type) {
      case 'beat':
        return ask(name, null, () => (bucket.beat(name), { type: 'workersRead', workers: bucket.workers() }))
      case 'take': {
        const { partition } = effect
        return ask(name, partition, () => ({ type: 'taken', partition, lease: bucket.take(partition), sentAt }))
      }
      case 'renew': {
        const { lease } = effect
        const { partition } = lease
        return ask(name, partition, () => ({ type: 'renewed', partition, lease: bucket.renew(lease), sentAt }))
      }
      case 'release':
        return ask(name, effect.lease.partition, () => (bucket.release(effect.lease), null))
      case 'leave':
        return ask(name, null, () => (bucket.leave(name), null))
      case 'open':
        return void worker?.working.add(effect.partition)
      case 'drainPartition': {
        // A restarted actor finds the drain that it ordered earlier under way.
        const until = drains.get(`${name} ${effect.partition}`) ?? now + chance(900)
        drains.set(`${name} ${effect.partition}`, until)
        return later(Math.max(0, until - now), () => {
          if (workers.get(name)?.life !== life) return
          drains.delete(`${name} ${effect.partition}`)
          worker?.working.delete(effect.partition)
          tell(name, { type: 'drained', partition: effect.partition })
        })
      }
    }
  }
  const join = () => {
    names += 1
    // Every third is of the previous release.
    const name = `w${names}${names % 3 === 0 ? '' : evenSharesMark}`
    workers.set(name, { state: initialFleet(name, partitions, leaseMs), trouble: 'none', life: 0, working: new Set() })
    const tick = () => {
      if (!workers.has(name)) return
      tell(name, { type: 'ticked' })
      later(tickMs(leaseMs), tick)
    }
    tick()
  }
  const happen = (what: Happening, who: number) => {
    const name = [...workers.keys()][who % Math.max(1, workers.size)]
    const worker = workers.get(name ?? '')
    if (what === 'join' && workers.size < 5) join()
    if (name === undefined || worker === undefined) return
    if (what === 'leave') tell(name, { type: 'drain' })
    if (what === 'kill') workers.delete(name)
    if (what === 'cut') worker.trouble = who % 2 === 0 ? 'request' : 'answer'
    if (what === 'reconnect') worker.trouble = 'none'
    if (what === 'restart') {
      worker.life += 1
      tell(name, { type: 'begun' })
    }
  }
  const runUntil = (end: number) => {
    for (;;) {
      const next = queue.reduce<(typeof queue)[number] | null>((a, b) => (a === null || b.at < a.at ? b : a), null)
      if (next === null || next.at > end) break
      queue.splice(queue.indexOf(next), 1)
      now = next.at
      next.run()
    }
    now = end
  }

  join()
  for (const { what, who, afterMs } of happenings) {
    runUntil(now + afterMs)
    happen(what, who)
  }
  for (const worker of workers.values()) worker.trouble = 'none'
  join()
  // The bucket drops the leases of a cut or killed worker within a lease time; each tick after that takes what is free.
  runUntil(now + 3 * leaseMs)
  const alive = [...workers].filter(([, { state }]) => state.phase === 'running')
  return { overlaps, alive }
}

const happening = (...kinds: readonly Happening[]) =>
  fc.record({ what: fc.constantFrom(...kinds), who: fc.nat(7), afterMs: fc.nat(4_000) })
const chances = fc.array(fc.nat(10_000), { minLength: 5, maxLength: 30 })

test('when workers join, leave, die, restart or are cut off, no two work on the same partition, and in the end each owner works on its own', t => {
  fc.assert(
    fc.property(
      fc.array(happening('join', 'join', 'leave', 'kill', 'cut', 'reconnect', 'restart'), { maxLength: 25 }),
      chances,
      (happenings, draws) => {
        const { overlaps, alive } = simulate(happenings, draws)
        t.deepEqual(overlaps, [])
        const names = alive.map(([name]) => name)
        const owners = ownersOf(partitions, names)
        for (const [name, { state, working }] of alive) {
          const owned = Array.from({ length: partitions }, (_, n) => n).filter(n => owners[n] === name)
          const held = [...state.held].filter(([, { mode }]) => mode === 'open').map(([n]) => n)
          t.deepEqual(
            held.toSorted((a, b) => a - b),
            owned,
          )
          t.deepEqual(
            [...working].toSorted((a, b) => a - b),
            owned,
          )
        }
      },
    ),
    { numRuns: 300 },
  )
})
