import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  filter,
  from,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
} from 'rxjs'
import type { Clock } from '../kit/clock.ts'
import type { FleetEffect, FleetMessage, Lease, LeaseStore, OpenPartition } from './protocol.ts'

export interface FleetPorts {
  readonly leases: LeaseStore
  /** The unique name of this worker. */
  readonly worker: string
  readonly partitions: number
  readonly leaseMs: number
  /** Starts to process a partition. */
  readonly open: (partition: number) => OpenPartition
  readonly clock: Clock
  /** Receives the errors of NATS, at most one in a lease time, and the faults of partitions. */
  readonly onTrouble: (error: unknown) => void
  readonly onChange: (owned: readonly number[], workers: readonly string[]) => void
}

type Effect<Type extends FleetEffect['type']> = Extract<FleetEffect, { type: Type }>
const only = <Type extends FleetEffect['type']>(type: Type) =>
  filter((effect: FleetEffect): effect is Effect<Type> => effect.type === type)

/** Leases of different partitions do not wait for one another; leaving waits for the last heartbeat. */
export const performFleet =
  (ports: FleetPorts, opened: Map<number, OpenPartition>) =>
  (effects$: Observable<FleetEffect>): Observable<FleetMessage> => {
    const { leases, worker } = ports
    const onSilence = onceIn(ports.leaseMs, ports)
    /** Emits the answer, or that there was none. */
    const asked = (partition: number | null, ask: () => Promise<FleetMessage>): Observable<FleetMessage> =>
      defer(ask).pipe(
        catchError((error: unknown) => {
          onSilence(error)
          return of<FleetMessage>({ type: 'unanswered', partition })
        }),
      )
    const quietly = (work: () => Promise<void>): Observable<never> =>
      defer(work).pipe(
        ignoreElements(),
        catchError((error: unknown) => (onSilence(error), EMPTY)),
      )
    const answer = (type: 'taken' | 'renewed', partition: number, get: () => Promise<Lease | null>) =>
      asked(partition, async () => {
        const sentAt = ports.clock().now
        return { type, partition, lease: await get(), sentAt }
      })

    return merge(
      effects$.pipe(
        filter(effect => effect.type === 'beat' || effect.type === 'leave'),
        concatMap(({ type }) =>
          type === 'leave'
            ? quietly(() => leases.leave(worker))
            : asked(null, async () => {
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
        mergeMap(({ partition }) => opening(ports, opened, partition)),
      ),
      effects$.pipe(
        only('drainPartition'),
        mergeMap(({ partition }) =>
          from(drain(opened, partition, ports.onTrouble)).pipe(map(() => ({ type: 'drained', partition }) as const)),
        ),
      ),
      effects$.pipe(
        only('release'),
        mergeMap(({ lease }) => quietly(() => leases.release(lease))),
      ),
    )
  }

/** A partition that cannot be opened is released, and tried again at the next reading of the workers. */
const opening = (
  { open, onTrouble }: FleetPorts,
  opened: Map<number, OpenPartition>,
  partition: number,
): readonly FleetMessage[] => {
  try {
    opened.set(partition, open(partition))
    return []
  } catch (error) {
    onTrouble(error)
    return [{ type: 'drained', partition }]
  }
}

/** Reports the first error of a period: while NATS is unreachable every request fails. */
const onceIn = (periodMs: number, { clock, onTrouble }: FleetPorts) => {
  let reportedAt = -Infinity
  return (error: unknown): void => {
    const { now } = clock()
    if (now - reportedAt < periodMs) return
    reportedAt = now
    onTrouble(error)
  }
}

const drain = async (
  opened: Map<number, OpenPartition>,
  partition: number,
  onTrouble: (error: unknown) => void,
): Promise<void> => {
  await opened.get(partition)?.drain().catch(onTrouble)
  opened.delete(partition)
}
