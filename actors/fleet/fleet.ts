import { endWith, ignoreElements, interval, map, merge, type Observable, startWith, takeUntil } from 'rxjs'
import { spawn } from '../kit/actor.ts'
import { restartOnFault } from '../kit/supervision.ts'
import { fleet } from './behaviour.ts'
import { type FleetPorts, performFleet } from './performers.ts'
import type { FleetEffect, FleetMessage, OpenPartition } from './protocol.ts'
import { type FleetState, initialFleet, tickMs } from './state.ts'

/** This worker's share of the partitions. */
export interface Fleet {
  owned(): readonly number[]
  workers(): readonly string[]
  /** Resolves once every partition that was free at the start was tried. */
  readonly ready: Promise<void>
  /** Rejects when its faults escalated: leases are not renewed any more, so the process must stop. */
  readonly ended: Promise<void>
  /** Drains and releases all partitions. After an escalation it still drains them, and their leases run out. */
  drain(): Promise<void>
}

/** Joins the fleet: writes heartbeats, holds leases, and opens and drains partitions. */
export const startFleet = (ports: FleetPorts): Fleet => {
  const { worker, partitions, leaseMs } = ports
  const opened = new Map<number, OpenPartition>()
  const ready = Promise.withResolvers<void>()
  let reported = ''
  let seen: FleetState = initialFleet(worker, partitions, leaseMs)

  const note = (state: FleetState) => {
    seen = state
    if (!state.settled) return
    ready.resolve()
    const moving = state.taking.size > 0 || [...state.held.values()].some(({ mode }) => mode === 'draining')
    const share = `${ownedBy(state).join()} of ${state.workers.join()}`
    if (moving || share === reported) return
    reported = share
    ports.onChange(ownedBy(state), state.workers)
  }

  const actor = spawn<FleetState, FleetMessage, FleetEffect>({
    name: `fleet ${worker}`,
    begin: () => [{ state: seen, first: [{ type: 'begun' }] }],
    behaviour: (state, message, moment) => {
      const step = fleet(state, message, moment)
      note(step.state)
      return step
    },
    perform: effects$ => merge(performFleet(ports, opened)(effects$), ticksAndChanges(ports, effects$)),
    isDone: ({ phase }) => phase === 'done',
    // Only `drain` comes from outside; all else answers the actor's own requests.
    capacity: Infinity,
    clock: ports.clock,
    supervision: restartOnFault,
    onFault: ports.onTrouble,
  })
  return {
    owned: () => ownedBy(seen),
    workers: () => seen.workers,
    ready: ready.promise,
    ended: actor.ended,
    drain: async () => {
      actor.tell({ type: 'drain' })
      await actor.ended.catch(() => undefined)
      await Promise.all([...opened.values()].map(partition => partition.drain()))
    },
  }
}

const ownedBy = ({ held }: FleetState): readonly number[] =>
  [...held].filter(([, { mode }]) => mode === 'open').map(([partition]) => partition)

const ticked = { type: 'ticked' } as const

/** Ends when the effects end. */
const ticksAndChanges = (
  { leases, leaseMs }: FleetPorts,
  effects$: Observable<FleetEffect>,
): Observable<FleetMessage> =>
  merge(
    interval(tickMs(leaseMs)).pipe(
      map(() => ticked),
      startWith(ticked),
    ),
    leases.changes$.pipe(map(() => ({ type: 'fleetChanged' }) as const)),
  ).pipe(takeUntil(effects$.pipe(ignoreElements(), endWith(null))))
