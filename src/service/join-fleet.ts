import { ulid } from 'ulid'
import { type Fleet, startFleet } from '../../actors/fleet/fleet.ts'
import { evenSharesMark } from '../../actors/fleet/shares.ts'
import { systemClock } from '../../actors/kit/clock.ts'
import type { Leases } from '../streams/leases.ts'
import { openPartition } from './open-partition.ts'
import type { OwnedPartitions } from './owned-partitions.ts'
import type { Parts } from './parts.ts'
import type { UntilThere } from './start-wait.ts'
import { stopProcess } from './stop-process.ts'
import { leaseMs } from './stream-limits.ts'

/** Takes part in the fleet: opens the partitions that fall to this process, and closes those that go to another. */
export const joinFleet = async (
  parts: Parts,
  owned: OwnedPartitions,
  onOpen: (partition: number) => void,
  untilThere: UntilThere,
): Promise<Fleet> => {
  const { streams, log, settings } = parts
  const worker = ulid() + evenSharesMark
  const leases = await untilThere('the fleet’s leases', () => streams.leases({ leaseMs, replicas: settings.replicas }))
  await untilThere('the fleet’s leases', () => register(parts, leases, worker))
  const fleet = startFleet({
    leases,
    worker,
    partitions: settings.partitions,
    leaseMs,
    open: number => {
      const opened = openPartition(parts, number)
      owned.add(number, opened)
      onOpen(number)
      return { drain: () => opened.drain().finally(() => owned.remove(number, opened)) }
    },
    clock: systemClock,
    onTrouble: error =>
      log.warn(
        { err: error, remedy: 'check NATS; Doorbell gives up partitions when it cannot renew their leases' },
        'the fleet’s leases could not be read or renewed',
      ),
    onChange: (partitions, workers) => log.info({ partitions, workers: workers.length }, 'partitions changed'),
  })
  fleet.ended.catch((error: unknown) => {
    const remedy = 'a defect: report it with this line; start the process again if its platform does not'
    log.error({ err: error, remedy }, 'the fleet cannot be followed: the process stops')
    stopProcess(error)
  })
  return fleet
}

/**
 * Registers the worker before it checks the number of partitions. A process that changes the number closes the stream before it looks for
 * workers, so one of the two always notices the other.
 */
const register = async ({ streams, settings }: Parts, leases: Leases, worker: string): Promise<void> => {
  await leases.beat(worker)
  try {
    await streams.assertPartitions(settings.partitions)
  } catch (error) {
    await leases.leave(worker)
    throw error
  }
}
