import { interval, type Observable } from 'rxjs'
import type { Difference, Requirement } from '../domain/requirement.ts'
import type { FleetState } from '../streams/fleet-state.ts'
import type { Ground } from './reconcile.ts'
import { leaseMs } from './stream-limits.ts'

interface WorkersPorts {
  readonly fleet: () => Promise<FleetState>
  readonly partitions: number
  /** Milliseconds of a clock that only runs forward. */
  readonly now?: () => number
}

interface Ports extends WorkersPorts {
  readonly role: 'all' | 'api' | 'worker'
  /** The partitions that this process has paused after faults. */
  readonly paused: () => readonly number[]
}

/** A killed worker's leases run out after `leaseMs`, and the others take its partitions within another second or two. */
const takeoverMs = leaseMs + 4_000
const lookEveryMs = 5_000

/** What is needed of the fleet: workers, for a process that accepts events; a worker that works on all its partitions. */
export const fleetGround = (ports: Ports, looks$: Observable<unknown> = interval(lookEveryMs)): Ground => ({
  system: 'fleet',
  requirements: [
    ...(ports.role === 'worker' ? [] : [workersRequirement(ports)]),
    ...(ports.role === 'api' ? [] : [partitionsRequirement(ports)]),
  ],
  doubts$: looks$,
})

/** Finds partitions that this process has paused. */
const partitionsRequirement = ({ paused, partitions }: Pick<Ports, 'paused' | 'partitions'>): Requirement => ({
  name: 'partitions',
  check: async () => {
    const numbers = paused()
    if (numbers.length === 0) return []
    const difference = `${numbers.length} of ${partitions} paused after repeated faults (${inOrder(numbers)})`
    const remedy =
      'Report the error of the lines “a partition failed” of this process. It tries again by itself within five minutes, and works on all others.'
    return [{ ...fleetDifference, object: 'partitions', difference, remedy }]
  },
})

/** Finds partitions that have had no owner for longer than a takeover takes. */
export const workersRequirement = ({ fleet, partitions, now = () => performance.now() }: WorkersPorts): Requirement => {
  const unownedSince = new Map<number, number>()
  return {
    name: 'workers',
    check: async () => {
      const { workers, owned } = await fleet()
      const at = now()
      owned.forEach(partition => unownedSince.delete(partition))
      for (let partition = 0; partition < partitions; partition += 1)
        if (!owned.includes(partition) && !unownedSince.has(partition)) unownedSince.set(partition, at)
      const late = [...unownedSince].filter(([, since]) => at - since >= takeoverMs).map(([partition]) => partition)
      return late.length === 0 ? [] : [differenceOf(late, partitions, workers.length)]
    },
  }
}

const fleetDifference = {
  system: 'fleet',
  outcome: 'broken',
  promise: 'Events of their tenants are accepted and wait in the stream; none is delivered.',
  refusesEvents: false,
} as const

const differenceOf = (late: readonly number[], partitions: number, workers: number): Difference => ({
  ...fleetDifference,
  object: 'workers',
  difference:
    workers === 0
      ? 'none is running'
      : `${workers === 1 ? '1 is' : `${workers} are`} running, and ${late.length} of ${partitions} partitions have no owner (${inOrder(late)})`,
  remedy:
    workers === 0
      ? 'Start a worker (DOORBELL_ROLE=worker). If one is started and ends again and again, its last lines say why.'
      : 'See the log of the workers: each says why it does not take a partition. If they cannot renew their leases, check NATS.',
})

const inOrder = (numbers: readonly number[]): string => numbers.toSorted((x, y) => x - y).join(', ')
