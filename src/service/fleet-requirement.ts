import { interval, type Observable } from 'rxjs'
import type { Difference, Requirement } from '../domain/requirement.ts'
import type { FleetState } from '../streams/fleet-state.ts'
import type { Ground } from './reconcile.ts'
import { leaseMs } from './stream-limits.ts'

interface Ports {
  readonly fleet: () => Promise<FleetState>
  readonly partitions: number
  /** Milliseconds of a clock that only runs forward. */
  readonly now?: () => number
}

/** A killed worker's leases run out after `leaseMs`, and the others take its partitions within another second or two. */
const takeoverMs = leaseMs + 4_000
const lookEveryMs = 5_000

/** What the API needs of the fleet: without workers it accepts events that nobody delivers. */
export const fleetGround = (ports: Ports, looks$: Observable<unknown> = interval(lookEveryMs)): Ground => ({
  system: 'fleet',
  requirements: [workersRequirement(ports)],
  doubts$: looks$,
})

/** Finds partitions that have had no owner for longer than a takeover takes. */
export const workersRequirement = ({ fleet, partitions, now = () => performance.now() }: Ports): Requirement => {
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

const differenceOf = (late: readonly number[], partitions: number, workers: number): Difference => ({
  system: 'fleet',
  object: 'workers',
  difference:
    workers === 0
      ? 'none is running'
      : `${workers === 1 ? '1 is' : `${workers} are`} running, and ${late.length} of ${partitions} partitions have no owner (${inOrder(late)})`,
  outcome: 'broken',
  promise: 'Events of their tenants are accepted and wait in the stream; none is delivered.',
  remedy:
    workers === 0
      ? 'Start a worker (DOORBELL_ROLE=worker). If one is started and ends again and again, its last lines say why.'
      : 'See the log of the workers: each says why it does not take a partition. If they cannot renew their leases, check NATS.',
  refusesEvents: false,
})

const inOrder = (numbers: readonly number[]): string => numbers.toSorted((x, y) => x - y).join(', ')
