import type { EpochMs } from '../../src/domain/time.ts'
import type { FleetEffect } from './protocol.ts'
import { type FleetState, type FleetStep, giveUp, type Held, just, type Message, tickMs } from './state.ts'

/** Gives up a lease at least one tick before it may run out, so that its partition is drained before another worker takes it. */
export const giveUpLate = (state: FleetState, now: EpochMs, effects: readonly FleetEffect[]): FleetStep => {
  const late = [...state.held].filter(([, { validUntil }]) => validUntil <= now + 2 * tickMs(state.leaseMs))
  return giveUp(
    state,
    late.map(([partition]) => partition),
    effects,
  )
}

/** Renews every lease without a renewal under way. */
export const renewAll = (state: FleetState): FleetStep => {
  const renewals: FleetEffect[] = []
  const held = new Map(state.held)
  for (const [partition, entry] of held) {
    if (entry.lease === null || entry.renewing) continue
    held.set(partition, { ...entry, renewing: true })
    renewals.push({ type: 'renew', lease: entry.lease })
  }
  return { state: { ...state, held }, effects: renewals }
}

export const taken = (state: FleetState, { partition, lease, sentAt }: Message<'taken'>): FleetStep => {
  const taking = without(state.taking, partition)
  if (lease === null) return just({ ...state, taking })
  if (state.phase !== 'running') return { state: { ...state, taking }, effects: [{ type: 'release', lease }] }
  const held = new Map(state.held)
  held.set(partition, { mode: 'open', lease, validUntil: sentAt + state.leaseMs, renewing: false })
  return { state: { ...state, taking, held }, effects: [{ type: 'open', partition }] }
}

export const renewed = (state: FleetState, { partition, lease, sentAt }: Message<'renewed'>): FleetStep => {
  const entry = state.held.get(partition)
  if (entry === undefined) return just(state)
  const validUntil = lease === null ? entry.validUntil : sentAt + state.leaseMs
  const next: Held = { ...entry, lease, validUntil, renewing: false }
  if (entry.mode === 'drained') return release(state, partition, next)
  const held = new Map(state.held).set(partition, next)
  return lease === null ? giveUp({ ...state, held }, [partition], []) : just({ ...state, held })
}

export const unanswered = (state: FleetState, { partition }: Message<'unanswered'>): FleetStep => {
  if (partition === null) return just({ ...state, reading: 'none' })
  const entry = state.held.get(partition)
  if (entry === undefined) return just({ ...state, taking: without(state.taking, partition) })
  const next: Held = { ...entry, renewing: false }
  if (entry.mode === 'drained') return release(state, partition, next)
  return just({ ...state, held: new Map(state.held).set(partition, next) })
}

/** Waits for the answer of a renewal under way, because it brings a newer lease, which is the one to release. */
export const drained = (state: FleetState, { partition }: Message<'drained'>): FleetStep => {
  const entry = state.held.get(partition)
  if (entry === undefined) return just(state)
  if (!entry.renewing) return release(state, partition, entry)
  return just({ ...state, held: new Map(state.held).set(partition, { ...entry, mode: 'drained' }) })
}

/** Releasing a lease that has run out does nothing. */
const release = (state: FleetState, partition: number, { lease }: Held): FleetStep => {
  const held = new Map(state.held)
  held.delete(partition)
  return { state: { ...state, held }, effects: lease === null ? [] : [{ type: 'release', lease }] }
}

const without = (set: ReadonlySet<number>, member: number): ReadonlySet<number> =>
  new Set([...set].filter(each => each !== member))
