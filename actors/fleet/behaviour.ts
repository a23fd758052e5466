import type { EpochMs, Moment } from '../../src/domain/time.ts'
import type { Behaviour } from '../kit/behaviour.ts'
import { drained, giveUpLate, renewAll, renewed, taken, unanswered } from './leases.ts'
import type { FleetEffect, FleetMessage } from './protocol.ts'
import { ownersOf } from './shares.ts'
import { type FleetState, type FleetStep, giveUp, just, type Message } from './state.ts'

/** Decides which partitions this worker takes, keeps and gives up, so that two workers never have the same one. */
export const fleet: Behaviour<FleetState, FleetMessage, FleetEffect> = (state, message, moment) => {
  const step = handle(state, message, moment)
  const { settled, workers, taking, phase, held } = step.state
  if (phase === 'draining' && held.size === 0 && taking.size === 0)
    return { state: { ...step.state, phase: 'done' }, effects: step.effects }
  return settled || workers.length === 0 || taking.size > 0
    ? step
    : { state: { ...step.state, settled: true }, effects: step.effects }
}

const handle = (state: FleetState, message: FleetMessage, { now }: Moment): FleetStep => {
  switch (message.type) {
    case 'ticked':
      return ticked(state, now)
    case 'fleetChanged':
      return readWorkers(state)
    case 'workersRead':
      return workersRead(state, message)
    case 'taken':
      return taken(state, message)
    case 'renewed':
      return renewed(state, message)
    case 'unanswered':
      return unanswered(state, message)
    case 'drained':
      return drained(state, message)
    case 'drain':
      return giveUp({ ...state, phase: 'draining' }, [...state.held.keys()], [{ type: 'leave' }])
    case 'begun':
      return begun(state)
  }
}

const ticked = (state: FleetState, now: EpochMs): FleetStep => {
  const read = readWorkers(state)
  const kept = giveUpLate(read.state, now, read.effects)
  const renewing = renewAll(kept.state)
  return { state: renewing.state, effects: [...kept.effects, ...renewing.effects] }
}

/** Reads one at a time: while NATS is unreachable the requests would pile up. */
const readWorkers = (state: FleetState): FleetStep => {
  if (state.phase !== 'running') return just(state)
  if (state.reading !== 'none') return just({ ...state, reading: 'again' })
  return { state: { ...state, reading: 'once' }, effects: [{ type: 'beat' }] }
}

const workersRead = (state: FleetState, { workers }: Message<'workersRead'>): FleetStep => {
  const { state: assigned, effects } = assign({ ...state, ...ownersAmong(workers, state), reading: 'none' })
  if (state.reading !== 'again') return { state: assigned, effects }
  const next = readWorkers(assigned)
  return { state: next.state, effects: [...effects, ...next.effects] }
}

/** The fleet seldom changes between two readings, and shares take longer to compute than to keep. */
const ownersAmong = (workers: readonly string[], { workers: before, owners, partitions }: FleetState) =>
  workers.join() === before.join() ? { workers, owners } : { workers, owners: ownersOf(partitions, workers) }

/** Applies the assignment that follows from the live workers. A partition that moves to another worker is drained first; it takes it when it is free. */
const assign = (state: FleetState): FleetStep => {
  if (state.phase !== 'running') return just(state)
  const leaving: number[] = []
  const wanted: number[] = []
  for (let partition = 0; partition < state.partitions; partition += 1) {
    const isOurs = state.owners[partition] === state.worker
    if (!isOurs) leaving.push(partition)
    else if (!state.held.has(partition) && !state.taking.has(partition)) wanted.push(partition)
  }
  const taking = new Set([...state.taking, ...wanted])
  return giveUp(
    { ...state, taking },
    leaving,
    wanted.map(partition => ({ type: 'take', partition })),
  )
}

/** After a restart, the answers to earlier requests will not arrive. */
const begun = (state: FleetState): FleetStep => {
  const held = new Map(state.held)
  const effects: FleetEffect[] = state.phase === 'draining' ? [{ type: 'leave' }] : []
  for (const [partition, entry] of state.held) {
    if (entry.mode === 'drained') held.delete(partition)
    else held.set(partition, { ...entry, renewing: false })
    if (entry.mode === 'draining') effects.push({ type: 'drainPartition', partition })
  }
  return { state: { ...state, held, taking: new Set(), reading: 'none' }, effects }
}
