import type { Supervised } from '../domain/supervised.ts'
import { createJobs, retainEveryMs } from './jobs.ts'
import { createProgressKeeper, progressEveryMs } from './keep-progress.ts'
import { joinFleet } from './join-fleet.ts'
import { createOwnedPartitions, type OwnedPartitions } from './owned-partitions.ts'
import type { OwnPartition } from './open-partition.ts'
import type { Parts } from './parts.ts'
import type { UntilThere } from './start-wait.ts'
import { createTested, createWake, dispatch } from './wake-ups.ts'
import { createWatch, watchEveryMs } from './watch.ts'

/** What the gauges read of a worker. */
export interface WorkerView {
  /** Supervisors in memory. */
  supervised(): Supervised[]
  /** Messages in all mailboxes. */
  mailboxDepth(): number
  /** Messages that are not acknowledged yet. */
  openMessages(): number
  /** Numbers of the partitions that this process works on. */
  partitions(): readonly number[]
  /** Time since retention finished a round of all tenants, or since the start. */
  retentionAgeMs(): number
}

export interface Worker extends WorkerView {
  /** Stops pulling, and finishes or hands back what is under way. */
  drain(): Promise<void>
}

/** Runs the actors of this process: the partitions that the fleet gives it, and a supervisor for each subscription with work. */
export const startWorker = async (parts: Parts, untilThere: UntilThere): Promise<Worker> => {
  await using opening = new AsyncDisposableStack()
  const owned = createOwnedPartitions(parts.settings.partitions)
  const wake = createWake(parts.directory, owned)
  const jobs = createJobs(parts, owned, wake, watchEveryMs)
  const watch = createWatch(parts, owned, wake, jobs)
  const keepProgress = createProgressKeeper(parts)
  const fleet = await joinFleet(parts, owned, watch.opened, untilThere)
  opening.defer(() => fleet.drain().then(keepProgress))
  opening.defer(jobs.stop)
  const retention = (tenant: string) => owned.owns(tenant) && jobs.retain(tenant)
  const wakeUps = {
    replay: jobs.lookForReplays,
    erasure: jobs.lookForErasures,
    retention,
    tested: createTested(parts.directory, owned),
    subscription: wake,
  }
  const listening = parts.streams.wakes$.subscribe(dispatch(wakeUps))
  opening.defer(() => listening.unsubscribe())
  every(watchEveryMs, () => void watch.round(), opening)
  every(progressEveryMs, () => void keepProgress(), opening)
  every(retainEveryMs, () => jobs.retain(), opening)
  await untilThere('the leases of the partitions', () => fleet.ready)
  void jobs.lookForReplays()
  void jobs.lookForErasures()
  jobs.retain()
  const running = opening.move()
  return { ...viewOf(owned), retentionAgeMs: jobs.retentionAgeMs, drain: () => running.disposeAsync() }
}

const every = (intervalMs: number, work: () => void, opening: AsyncDisposableStack): void => {
  const timer = setInterval(work, intervalMs)
  opening.defer(() => clearInterval(timer))
}

const viewOf = (owned: OwnedPartitions): Omit<WorkerView, 'retentionAgeMs'> => {
  const sum = (of: (partition: OwnPartition) => number) => owned.all().reduce((total, each) => total + of(each), 0)
  return {
    supervised: () => owned.all().flatMap(({ supervisors }) => supervisors.supervised()),
    mailboxDepth: () => sum(({ supervisors }) => supervisors.depth()),
    openMessages: () => sum(({ openMessages }) => openMessages()),
    partitions: owned.numbers,
  }
}
