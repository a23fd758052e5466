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

export const renewed = (
  state: FleetState,
  { partition, lease, sentAt }: Message<'renewed'>,
  now: EpochMs,
): FleetStep => {
  const entry = state.held.get(partition)
  if (entry === undefined) return just(state)
  const validUntil = lease === null ? entry.validUntil : sentAt + state.leaseMs
  const next: Held = { ...entry, lease, validUntil, renewing: false }
  if (entry.mode === 'drained') return release(state, partition, next, now)
  const held = new Map(state.held).set(partition, next)
  return lease === null ? giveUp({ ...state, held }, [partition], []) : just({ ...state, held })
}

export const unanswered = (state: FleetState, { partition }: Message<'unanswered'>, now: EpochMs): FleetStep => {
  if (partition === null) return just({ ...state, reading: 'none' })
  const taking = without(state.taking, partition)
  const entry = state.held.get(partition)
  if (entry === undefined) return just({ ...state, taking })
  const next: Held = { ...entry, renewing: false }
  if (entry.mode === 'drained') return release(state, partition, next, now)
  return just({ ...state, taking, held: new Map(state.held).set(partition, next) })
}

/** Waits for the answer of a renewal under way, because it brings a newer lease, which is the one to release. */
export const drained = (state: FleetState, { partition }: Message<'drained'>, now: EpochMs): FleetStep => {
  const entry = state.held.get(partition)
  if (entry === undefined) return just(state)
  if (!entry.renewing) return release(state, partition, entry, now)
  return just({ ...state, held: new Map(state.held).set(partition, { ...entry, mode: 'drained' }) })
}

const release = (state: FleetState, partition: number, { lease, validUntil }: Held, now: EpochMs): FleetStep => {
  const held = new Map(state.held)
  held.delete(partition)
  const effects = lease !== null && validUntil > now ? [{ type: 'release', lease } as const] : []
  return { state: { ...state, held }, effects }
}

const without = (set: ReadonlySet<number>, member: number): ReadonlySet<number> => {
  if (!set.has(member)) return set
  const rest = new Set(set)
  rest.delete(member)
  return rest
}
