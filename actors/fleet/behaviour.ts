import type { EpochMs, Moment } from '../../src/domain/time.ts'
import type { Behaviour, Step } from '../kit/behaviour.ts'
import type { FleetEffect, FleetMessage, Lease } from './protocol.ts'
import { ownerOf } from './rendezvous.ts'

export interface FleetState {
  readonly phase: 'running' | 'draining' | 'done'
  readonly worker: string
  readonly partitions: number
  readonly leaseMs: number
  /** Who lived at the last look; empty before the first. */
  readonly workers: readonly string[]
  /** A look that is under way; `again`: something has changed since it began. */
  readonly look: 'none' | 'once' | 'again'
  readonly held: ReadonlyMap<number, Held>
  readonly taking: ReadonlySet<number>
  /** True when everything that could be taken at the first look has been tried. */
  readonly settled: boolean
}

export interface Held {
  /** `drained`: its lease is released once its renewal is answered. */
  readonly mode: 'open' | 'draining' | 'drained'
  /** Null when it was lost: nothing is to be released. */
  readonly lease: Lease | null
  readonly validUntil: EpochMs
  readonly renewing: boolean
}

export const initialFleet = (worker: string, partitions: number, leaseMs: number): FleetState => ({
  phase: 'running',
  worker,
  partitions,
  leaseMs,
  workers: [],
  look: 'none',
  held: new Map(),
  taking: new Set(),
  settled: false,
})

/** How often leases are renewed: several chances before one runs out. */
export const tickMs = (leaseMs: number): number => leaseMs / 6

type FleetStep = Step<FleetState, FleetEffect>
type Message<Type extends FleetMessage['type']> = Extract<FleetMessage, { type: Type }>

/** Decides which partitions this worker takes, keeps and gives up, so that no two workers ever work on one. */
export const fleet: Behaviour<FleetState, FleetMessage, FleetEffect> = (state, message, moment) => {
  const step = hear(state, message, moment)
  const { settled, workers, taking, phase, held } = step.state
  if (phase === 'draining' && held.size === 0 && taking.size === 0)
    return { state: { ...step.state, phase: 'done' }, effects: step.effects }
  return settled || workers.length === 0 || taking.size > 0
    ? step
    : { state: { ...step.state, settled: true }, effects: step.effects }
}

const hear = (state: FleetState, message: FleetMessage, { now }: Moment): FleetStep => {
  switch (message.type) {
    case 'ticked':
      return ticked(state, now)
    case 'stirred':
      return look(state)
    case 'workersRead':
      return workersRead(state, message)
    case 'taken':
      return taken(state, message)
    case 'renewed':
      return renewed(state, message, now)
    case 'unanswered':
      return unanswered(state, message, now)
    case 'drained':
      return drained(state, message, now)
    case 'drain':
      return giveUp({ ...state, phase: 'draining' }, [...state.held.keys()], [{ type: 'leave' }])
    case 'restarted':
      return restarted(state)
  }
}

const just = (state: FleetState): FleetStep => ({ state, effects: [] })

/** A lease is given up at least a whole tick before it may run out, so that its partition is drained by then: another has it next. */
const ticked = (state: FleetState, now: EpochMs): FleetStep => {
  const late = [...state.held].filter(([, { validUntil }]) => validUntil <= now + 2 * tickMs(state.leaseMs))
  const looked = look(state)
  const step = giveUp(
    looked.state,
    late.map(([partition]) => partition),
    looked.effects,
  )
  const renewals: FleetEffect[] = []
  const held = new Map(step.state.held)
  for (const [partition, entry] of held) {
    if (entry.lease === null || entry.renewing) continue
    held.set(partition, { ...entry, renewing: true })
    renewals.push({ type: 'renew', lease: entry.lease })
  }
  return { state: { ...step.state, held }, effects: [...step.effects, ...renewals] }
}

/** One at a time: while NATS is away they would pile up. */
const look = (state: FleetState): FleetStep => {
  if (state.phase !== 'running') return just(state)
  if (state.look !== 'none') return just({ ...state, look: 'again' })
  return { state: { ...state, look: 'once' }, effects: [{ type: 'beat' }] }
}

const workersRead = (state: FleetState, { workers }: Message<'workersRead'>): FleetStep => {
  const { state: known, effects } = assigned({ ...state, workers, look: 'none' })
  if (state.look !== 'again') return { state: known, effects }
  const next = look(known)
  return { state: next.state, effects: [...effects, ...next.effects] }
}

/** What the living workers mean for each partition. A partition that goes to another is drained first: it takes it when it is free. */
const assigned = (state: FleetState): FleetStep => {
  if (state.phase !== 'running') return just(state)
  const leaving: number[] = []
  const wanted: number[] = []
  for (let partition = 0; partition < state.partitions; partition += 1) {
    const ours = ownerOf(partition, state.workers) === state.worker
    if (!ours) leaving.push(partition)
    else if (!state.held.has(partition) && !state.taking.has(partition)) wanted.push(partition)
  }
  const taking = new Set([...state.taking, ...wanted])
  return giveUp(
    { ...state, taking },
    leaving,
    wanted.map(partition => ({ type: 'take', partition })),
  )
}

/** Of those that are open: drains them. The lease is kept meanwhile, so that nobody else begins. */
const giveUp = (state: FleetState, partitions: readonly number[], effects: readonly FleetEffect[]): FleetStep => {
  const held = new Map(state.held)
  const drains: FleetEffect[] = []
  for (const partition of partitions) {
    const entry = held.get(partition)
    if (entry?.mode !== 'open') continue
    held.set(partition, { ...entry, mode: 'draining' })
    drains.push({ type: 'drainPartition', partition })
  }
  return { state: { ...state, held }, effects: [...effects, ...drains] }
}

const taken = (state: FleetState, { partition, lease, sentAt }: Message<'taken'>): FleetStep => {
  const taking = without(state.taking, partition)
  if (lease === null) return just({ ...state, taking })
  if (state.phase !== 'running') return { state: { ...state, taking }, effects: [{ type: 'release', lease }] }
  const held = new Map(state.held)
  held.set(partition, { mode: 'open', lease, validUntil: sentAt + state.leaseMs, renewing: false })
  return { state: { ...state, taking, held }, effects: [{ type: 'open', partition }] }
}

const renewed = (state: FleetState, { partition, lease, sentAt }: Message<'renewed'>, now: EpochMs): FleetStep => {
  const entry = state.held.get(partition)
  if (entry === undefined) return just(state)
  const validUntil = lease === null ? entry.validUntil : sentAt + state.leaseMs
  const heard: Held = { ...entry, lease, validUntil, renewing: false }
  if (entry.mode === 'drained') return letGo(state, partition, heard, now)
  const held = new Map(state.held).set(partition, heard)
  return lease === null ? giveUp({ ...state, held }, [partition], []) : just({ ...state, held })
}

const unanswered = (state: FleetState, { partition }: Message<'unanswered'>, now: EpochMs): FleetStep => {
  if (partition === null) return just({ ...state, look: 'none' })
  const taking = without(state.taking, partition)
  const entry = state.held.get(partition)
  if (entry === undefined) return just({ ...state, taking })
  const heard: Held = { ...entry, renewing: false }
  if (entry.mode === 'drained') return letGo(state, partition, heard, now)
  return just({ ...state, taking, held: new Map(state.held).set(partition, heard) })
}

/** A renewal under way makes a newer lease, which is the one to release: its answer is waited for. */
const drained = (state: FleetState, { partition }: Message<'drained'>, now: EpochMs): FleetStep => {
  const entry = state.held.get(partition)
  if (entry === undefined) return just(state)
  if (!entry.renewing) return letGo(state, partition, entry, now)
  return just({ ...state, held: new Map(state.held).set(partition, { ...entry, mode: 'drained' }) })
}

const letGo = (state: FleetState, partition: number, { lease, validUntil }: Held, now: EpochMs): FleetStep => {
  const held = new Map(state.held)
  held.delete(partition)
  const release = lease !== null && validUntil > now ? [{ type: 'release', lease } as const] : []
  return { state: { ...state, held }, effects: release }
}

const restarted = (state: FleetState): FleetStep => {
  const held = new Map(state.held)
  const effects: FleetEffect[] = state.phase === 'draining' ? [{ type: 'leave' }] : []
  for (const [partition, entry] of state.held) {
    if (entry.mode === 'drained') held.delete(partition)
    else held.set(partition, { ...entry, renewing: false })
    if (entry.mode === 'draining') effects.push({ type: 'drainPartition', partition })
  }
  return { state: { ...state, held, taking: new Set(), look: 'none' }, effects }
}

const without = (set: ReadonlySet<number>, member: number): ReadonlySet<number> => {
  if (!set.has(member)) return set
  const rest = new Set(set)
  rest.delete(member)
  return rest
}
