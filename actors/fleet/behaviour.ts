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
  readonly held: ReadonlyMap<number, Held>
  readonly taking: ReadonlySet<number>
  /** True when everything that could be taken at the first look has been tried. */
  readonly settled: boolean
}

export interface Held {
  readonly mode: 'open' | 'draining'
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
  held: new Map(),
  taking: new Set(),
  settled: false,
})

/** How often leases are renewed: several chances before one runs out. */
export const tickMs = (leaseMs: number): number => leaseMs / 6

type FleetStep = Step<FleetState, FleetEffect>

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
    case 'workersRead':
      return assigned({ ...state, workers: message.workers })
    case 'taken':
      return taken(state, message)
    case 'renewed':
      return renewed(state, message)
    case 'unanswered':
      return just(unanswered(state, message.partition))
    case 'drained':
      return drained(state, message.partition, now)
    case 'drain':
      return giveUp({ ...state, phase: 'draining' }, [...state.held.keys()], [{ type: 'leave' }])
  }
}

const just = (state: FleetState): FleetStep => ({ state, effects: [] })

/** Leases that would run out before the next tick are given up now: another worker may have them by then. */
const ticked = (state: FleetState, now: EpochMs): FleetStep => {
  const late = [...state.held].filter(
    ([, { mode, validUntil }]) => mode === 'open' && validUntil <= now + tickMs(state.leaseMs),
  )
  const lost = new Map(state.held)
  for (const [partition, held] of late) lost.set(partition, { ...held, lease: null })
  const step = giveUp(
    { ...state, held: lost },
    late.map(([partition]) => partition),
    state.phase === 'running' ? [{ type: 'beat' }] : [],
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

/** What the living workers mean for each partition. A partition that goes to another is drained first: it takes it when it is free. */
const assigned = (state: FleetState): FleetStep => {
  if (state.phase !== 'running') return just(state)
  const leaving: number[] = []
  const wanted: number[] = []
  for (let partition = 0; partition < state.partitions; partition += 1) {
    const ours = ownerOf(partition, state.workers) === state.worker
    const held = state.held.get(partition)
    if (!ours && held?.mode === 'open') leaving.push(partition)
    if (ours && held === undefined && !state.taking.has(partition)) wanted.push(partition)
  }
  const taking = new Set([...state.taking, ...wanted])
  return giveUp(
    { ...state, taking },
    leaving,
    wanted.map(partition => ({ type: 'take', partition })),
  )
}

const giveUp = (state: FleetState, partitions: readonly number[], effects: readonly FleetEffect[]): FleetStep => {
  const held = new Map(state.held)
  const drains: FleetEffect[] = []
  for (const partition of partitions) {
    const entry = held.get(partition)
    if (entry === undefined || entry.mode === 'draining') continue
    held.set(partition, { ...entry, mode: 'draining' })
    drains.push({ type: 'drainPartition', partition })
  }
  return { state: { ...state, held }, effects: [...effects, ...drains] }
}

const taken = (
  state: FleetState,
  { partition, lease, sentAt }: Extract<FleetMessage, { type: 'taken' }>,
): FleetStep => {
  const taking = new Set(state.taking)
  taking.delete(partition)
  if (lease === null) return just({ ...state, taking })
  if (state.phase !== 'running') return { state: { ...state, taking }, effects: [{ type: 'release', lease }] }
  const held = new Map(state.held)
  held.set(partition, { mode: 'open', lease, validUntil: sentAt + state.leaseMs, renewing: false })
  return { state: { ...state, taking, held }, effects: [{ type: 'open', partition }] }
}

const renewed = (
  state: FleetState,
  { partition, lease, sentAt }: Extract<FleetMessage, { type: 'renewed' }>,
): FleetStep => {
  const entry = state.held.get(partition)
  if (entry === undefined || entry.lease === null) return just(state)
  const held = new Map(state.held)
  const validUntil = lease === null ? entry.validUntil : sentAt + state.leaseMs
  held.set(partition, { ...entry, lease, validUntil, renewing: false })
  return lease === null ? giveUp({ ...state, held }, [partition], []) : just({ ...state, held })
}

const unanswered = (state: FleetState, partition: number | null): FleetState => {
  if (partition === null) return state
  const taking = new Set(state.taking)
  taking.delete(partition)
  const entry = state.held.get(partition)
  if (entry === undefined) return { ...state, taking }
  return { ...state, taking, held: new Map(state.held).set(partition, { ...entry, renewing: false }) }
}

/** A lease that may have run out is not released: it could be another's by now. */
const drained = (state: FleetState, partition: number, now: EpochMs): FleetStep => {
  const entry = state.held.get(partition)
  const held = new Map(state.held)
  held.delete(partition)
  const release = entry?.lease && entry.validUntil > now ? [{ type: 'release', lease: entry.lease } as const] : []
  return { state: { ...state, held }, effects: release }
}
