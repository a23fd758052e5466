import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  endWith,
  filter,
  from,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  startWith,
  takeUntil,
} from 'rxjs'
import { spawn } from '../kit/actor.ts'
import type { Clock } from '../kit/clock.ts'
import { restartOnFault } from '../kit/supervision.ts'
import { fleet, type FleetState, initialFleet, tickMs } from './behaviour.ts'
import type { FleetEffect, FleetMessage, Lease, LeaseStore, OpenPartition } from './protocol.ts'

export interface FleetPorts {
  readonly leases: LeaseStore
  /** This worker's name, used by no other. */
  readonly worker: string
  readonly partitions: number
  readonly leaseMs: number
  /** Begins to work on a partition. */
  readonly open: (partition: number) => OpenPartition
  readonly clock: Clock
  /** NATS did not answer. */
  readonly onTrouble: (error: unknown) => void
  readonly onChange: (owned: readonly number[], workers: readonly string[]) => void
}

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
  let seen: FleetState = initialFleet(worker, partitions, leaseMs)

  const actor = spawn<FleetState, FleetMessage, FleetEffect>({
    name: `fleet ${worker}`,
    begin: () => [{ state: seen }],
    behaviour: (state, message, moment) => {
      const step = fleet(state, message, moment)
      note(step.state)
      return step
    },
    perform: effects$ => merge(perform(ports, opened)(effects$), ticks(leaseMs, effects$)),
    isDone: ({ phase }) => phase === 'done',
    capacity: 1_024,
    clock: ports.clock,
    supervision: restartOnFault,
    onFault: ports.onTrouble,
  })
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
const ticks = (leaseMs: number, effects$: Observable<FleetEffect>): Observable<FleetMessage> =>
  interval(tickMs(leaseMs)).pipe(
    startWith(0),
    map(() => ({ type: 'ticked' }) as const),
    takeUntil(effects$.pipe(ignoreElements(), endWith(null))),
  )

type Effect<Type extends FleetEffect['type']> = Extract<FleetEffect, { type: Type }>
const only = <Type extends FleetEffect['type']>(type: Type) =>
  filter((effect: FleetEffect): effect is Effect<Type> => effect.type === type)

/** Leases of different partitions do not wait for one another; a heartbeat waits for the one before. */
const perform =
  (ports: FleetPorts, opened: Map<number, OpenPartition>) =>
  (effects$: Observable<FleetEffect>): Observable<FleetMessage> => {
    const { leases, worker, onTrouble } = ports
    /** The answer, or that there was none. */
    const asked = (partition: number | null, ask: () => Promise<FleetMessage>): Observable<FleetMessage> =>
      defer(ask).pipe(
        catchError((error: unknown) => {
          onTrouble(error)
          return of<FleetMessage>({ type: 'unanswered', partition })
        }),
      )
    const quietly = (work: () => Promise<void>): Observable<never> =>
      defer(work).pipe(
        ignoreElements(),
        catchError((error: unknown) => (onTrouble(error), EMPTY)),
      )
    const answer = (type: 'taken' | 'renewed', partition: number, get: () => Promise<Lease | null>) =>
      asked(partition, async () => {
        const sentAt = ports.clock().now
        return { type, partition, lease: await get(), sentAt }
      })

    return merge(
      effects$.pipe(
        only('beat'),
        concatMap(() =>
          asked(null, async () => {
            await leases.beat(worker)
            return { type: 'workersRead', workers: await leases.workers() }
          }),
        ),
      ),
      effects$.pipe(
        only('take'),
        mergeMap(({ partition }) => answer('taken', partition, () => leases.take(partition, worker))),
      ),
      effects$.pipe(
        only('renew'),
        mergeMap(({ lease }) => answer('renewed', lease.partition, () => leases.renew(lease, worker))),
      ),
      effects$.pipe(
        only('open'),
        mergeMap(({ partition }) => (opened.set(partition, ports.open(partition)), EMPTY)),
      ),
      effects$.pipe(
        only('drainPartition'),
        mergeMap(({ partition }) =>
          from(drain(opened, partition, onTrouble)).pipe(map(() => ({ type: 'drained', partition }) as const)),
        ),
      ),
      effects$.pipe(
        only('release'),
        mergeMap(({ lease }) => quietly(() => leases.release(lease))),
      ),
      effects$.pipe(
        only('leave'),
        mergeMap(() => quietly(() => leases.leave(worker))),
      ),
    )
  }

const drain = async (
  opened: Map<number, OpenPartition>,
  partition: number,
  onTrouble: (error: unknown) => void,
): Promise<void> => {
  await opened.get(partition)?.drain().catch(onTrouble)
  opened.delete(partition)
}
