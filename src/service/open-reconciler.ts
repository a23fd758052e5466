import type { Log } from '../../observability/log.ts'
import { fleetGround } from './fleet-requirement.ts'
import type { PausedPartitions } from './paused-partitions.ts'
import { type Reconciler, startReconciler } from './reconcile.ts'
import { reportDurability } from './report-durability.ts'
import type { ServiceSettings } from './settings.ts'
import type { UntilThere } from './start-wait.ts'
import type { Stores } from './stores.ts'
import { wait } from './wait.ts'

interface Parts {
  readonly stores: Stores
  readonly settings: ServiceSettings
  readonly paused: PausedPartitions
  readonly log: Log
  readonly untilThere: UntilThere
}

/** Compares what the servers and the fleet must hold with what is there: once before it resolves, and then again and again. */
export const openReconciler = async (
  { stores, settings: { role, partitions }, paused, log, untilThere }: Parts,
  opening: AsyncDisposableStack,
): Promise<Reconciler> => {
  const fleet = fleetGround({ role, partitions, fleet: stores.streams.fleet, paused: paused.numbers })
  const reconciler = startReconciler([...stores.grounds, fleet], { log, wait })
  opening.defer(reconciler.stop)
  await untilThere('a comparison of what the servers hold', () => reconciler.compared)
  reportDurability(stores.flush.durability(), log)
  return reconciler
}
