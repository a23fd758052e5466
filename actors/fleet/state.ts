import type { EpochMs } from '../../src/domain/time.ts'
import type { Step } from '../kit/behaviour.ts'
import type { FleetEffect, FleetMessage, Lease } from './protocol.ts'

export interface FleetState {
  readonly phase: 'running' | 'draining' | 'done'
  readonly worker: string
  readonly partitions: number
  readonly leaseMs: number
  /** The live workers as they were last read; empty before the first reading. */
  readonly workers: readonly string[]
  /** The worker that should have each partition, by its number. */
  readonly owners: readonly string[]
  /** Whether a reading of the workers is under way; `again`: the fleet has changed since it began. */
  readonly reading: 'none' | 'once' | 'again'
  readonly held: ReadonlyMap<number, Held>
  readonly taking: ReadonlySet<number>
  /** True once every partition that was free at the first reading was tried. */
  readonly settled: boolean
}

export interface Held {
  /** `drained`: its lease is released once its renewal is answered. */
  readonly mode: 'open' | 'draining' | 'drained'
  /** Null when the lease was lost and there is nothing to release. */
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
  owners: [],
  reading: 'none',
  held: new Map(),
  taking: new Set(),
  settled: false,
})

/** How often leases are renewed: each has several chances before it runs out. */
export const tickMs = (leaseMs: number): number => leaseMs / 6

export type FleetStep = Step<FleetState, FleetEffect>
export type Message<Type extends FleetMessage['type']> = Extract<FleetMessage, { type: Type }>

export const just = (state: FleetState): FleetStep => ({ state, effects: [] })

/** Drains those of these partitions that are open. The lease is kept until then, so that no other worker begins. */
export const giveUp = (
  state: FleetState,
  partitions: readonly number[],
  effects: readonly FleetEffect[],
): FleetStep => {
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
