import { endWith, ignoreElements, interval, map, merge, type Observable, startWith, takeUntil } from 'rxjs'
import { spawn } from '../kit/actor.ts'
import { restartOnFault } from '../kit/supervision.ts'
import { fleet, type FleetState, initialFleet, tickMs } from './behaviour.ts'
import { type FleetPorts, performFleet } from './performers.ts'
import type { FleetEffect, FleetMessage, OpenPartition } from './protocol.ts'

/** This worker's share of the partitions. */
export interface Fleet {
  owned(): readonly number[]
  workers(): readonly string[]
  /** Resolves when all that can be taken at first was taken. */
  readonly ready: Promise<void>
  /** Gives up all partitions in order. */
  drain(): Promise<void>
}

/** Takes part in the fleet: heartbeat, leases, and the opening and draining of partitions. */
export const startFleet = (ports: FleetPorts): Fleet => {
  const { worker, partitions, leaseMs } = ports
  const opened = new Map<number, OpenPartition>()
  const ready = Promise.withResolvers<void>()
  let told = ''
  let begun = false
  let seen: FleetState = initialFleet(worker, partitions, leaseMs)

  const note = (state: FleetState) => {
    seen = state
    if (!state.settled) return
    ready.resolve()
    const moving = state.taking.size > 0 || [...state.held.values()].some(({ mode }) => mode === 'draining')
    const share = `${ownedBy(state).join()} of ${state.workers.join()}`
    if (moving || share === told) return
    told = share
    ports.onChange(ownedBy(state), state.workers)
  }

  const actor = spawn<FleetState, FleetMessage, FleetEffect>({
    name: `fleet ${worker}`,
    begin: () => [{ state: seen, first: begun ? [{ type: 'restarted' }] : [] }],
    behaviour: (state, message, moment) => {
      const step = fleet(state, message, moment)
      note(step.state)
      return step
    },
    perform: effects$ => {
      begun = true
      return merge(performFleet(ports, opened)(effects$), reminders(ports, effects$))
    },
    isDone: ({ phase }) => phase === 'done',
    capacity: 1_024,
    clock: ports.clock,
    supervision: restartOnFault,
    onFault: ports.onTrouble,
  })
  return {
    owned: () => ownedBy(seen),
    workers: () => seen.workers,
    ready: ready.promise,
    drain: async () => {
      actor.tell({ type: 'drain' })
      await actor.ended
    },
  }
}

const ownedBy = ({ held }: FleetState): readonly number[] =>
  [...held].filter(([, { mode }]) => mode === 'open').map(([partition]) => partition)

/** Until no more orders come. */
const reminders = ({ leases, leaseMs }: FleetPorts, effects$: Observable<FleetEffect>): Observable<FleetMessage> =>
  merge(
    interval(tickMs(leaseMs)).pipe(
      startWith(0),
      map(() => ({ type: 'ticked' }) as const),
    ),
    leases.changes$.pipe(map(() => ({ type: 'stirred' }) as const)),
  ).pipe(takeUntil(effects$.pipe(ignoreElements(), endWith(null))))
