import { isFailure } from '../domain/failure.ts'
import { partitionOf } from '../domain/partition.ts'
import type { Jobs } from './jobs.ts'
import type { OwnedPartitions } from './owned-partitions.ts'
import type { Parts } from './parts.ts'
import { stopProcess } from './stop-process.ts'

/** How often the worker looks for unfinished work: what a lost signal, or a process that died, left behind. */
export const watchEveryMs = 30_000

export interface Watch {
  /** Starts the work of a partition that was just opened, such as what a worker that died left behind. */
  opened(partition: number): void
  /** One round over all partitions of this process. */
  round(): Promise<void>
}

export const createWatch = (parts: Parts, owned: OwnedPartitions, wake: (id: string) => void, jobs: Jobs): Watch => {
  const patiently = (work: Promise<void>) => work.catch((error: unknown) => parts.patience.onWait(error, watchEveryMs))
  return {
    opened: partition => {
      void patiently(wakeBacklogged(parts, [partition], wake))
      void patiently(watchCircuits(parts, owned))
      void jobs.lookForReplays()
      void jobs.lookForErasures()
    },
    round: async () => {
      await patiently(stopIfPartitionsChanged(parts))
      owned.all().forEach(({ supervisors }) => supervisors.dismissIdle())
      await patiently(expireOverdue(parts, owned.numbers()))
      await patiently(wakeBacklogged(parts, owned.numbers(), wake))
      await patiently(watchCircuits(parts, owned))
      await jobs.lookForReplays()
      await jobs.lookForErasures()
    },
  }
}

/** Stops a worker that was suspended while the number of partitions changed. */
const stopIfPartitionsChanged = async ({ streams, settings, log }: Parts): Promise<void> => {
  try {
    await streams.assertPartitions(settings.partitions)
  } catch (error) {
    if (!isFailure(error, 'invalid_settings')) throw error
    log.error({ err: error, remedy: error.message }, 'the number of partitions changed: the process stops')
    stopProcess(error)
  }
}

/** Expires rows that wait without any attempt, as behind a pause. */
const expireOverdue = async ({ ledger, directory, settings }: Parts, numbers: readonly number[]): Promise<void> => {
  const wanted = new Set(numbers)
  const now = Date.now()
  for (const { id, tenant, expiresAfterMs } of directory.all()) {
    if (expiresAfterMs === undefined || !wanted.has(partitionOf(tenant, settings.partitions))) continue
    await ledger.deliveries.expire(id, now - expiresAfterMs, now)
  }
}

/** Wakes the subscriptions of these partitions that have open rows in the ledger. */
const wakeBacklogged = async (
  { ledger, directory, settings }: Parts,
  numbers: readonly number[],
  wake: (id: string) => void,
): Promise<void> => {
  const wanted = new Set(numbers)
  for (const id of await ledger.deliveries.backlogged()) {
    const tenant = directory.byId(id)?.tenant
    if (tenant === undefined || wanted.has(partitionOf(tenant, settings.partitions))) wake(id)
  }
}

/** Has a supervisor for each circuit that is not closed: it changes with time, also while there is nothing to send, and after a restart. */
const watchCircuits = async ({ ledger, directory }: Parts, owned: OwnedPartitions): Promise<void> => {
  for (const id of await ledger.health.withOpenCircuit()) {
    const tenant = directory.byId(id)?.tenant
    if (tenant !== undefined) owned.ofTenant(tenant)?.supervisors.wake(id)
  }
}
