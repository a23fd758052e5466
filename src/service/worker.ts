import { ulid } from 'ulid'
import { type Fleet, startFleet } from '../../actors/fleet/fleet.ts'
import { systemClock } from '../../actors/kit/clock.ts'
import type { Supervised } from '../../actors/subscription/supervisors.ts'
import { isFailure } from '../domain/failure.ts'
import { partitionOf } from '../domain/partition.ts'
import type { Leases } from '../streams/leases.ts'
import { type OwnPartition, openPartition } from './open-partition.ts'
import type { WorkerParts } from './worker-parts.ts'
import { createEraser } from '../jobs/erasure.ts'
import { createReplayRunner } from '../jobs/replays.ts'
import { createRetainer } from '../jobs/retention.ts'
import { patienceOf } from './supervisor-ports.ts'

export interface Worker {
  /** Supervisors in memory. */
  supervised(): Supervised[]
  /** Messages in all mailboxes. */
  mailboxDepth(): number
  /** Messages that are not acknowledged yet. */
  openMessages(): number
  /** Numbers of the partitions that this process works on. */
  partitions(): readonly number[]
  /** Since retention was through with all tenants, or since the start, ms. */
  retentionAgeMs(): number
  /** Stops pulling, finishes or hands back what is under way. */
  drain(): Promise<void>
}

/** Longer than the longest attempt (30 s) with its write; long work extends it every 15 s (invariant 2). */
export const ackWaitMs = 60_000
/** How long a worker that has died keeps its partitions. */
export const leaseMs = 6_000
/** How often rows that nobody looks after are searched for: after a crash, or a signal that was lost. */
const watchEveryMs = 30_000
/** Retention counts in days: an hour late is early enough. */
const retainEveryMs = 60 * 60_000

/** Runs the actors of this process: the partitions that the fleet gives it, a supervisor for each subscription with work. */
export const startWorker = async (parts: WorkerParts): Promise<Worker> => {
  const { streams, directory, log } = parts
  const own = new Map<number, OwnPartition>()
  const patience = patienceOf(parts)

  const end = (number: number) => (error: unknown) => {
    log.error(
      { err: error, partition: number, remedy: 'the process ends and must be started again' },
      'a partition cannot go on',
    )
    process.kill(process.pid, 'SIGTERM')
  }
  const worker = ulid()
  const leases = await streams.leases({ leaseMs, replicas: parts.replicas })
  await announce(parts, leases, worker)
  const fleet: Fleet = startFleet({
    leases,
    worker,
    partitions: parts.partitions,
    leaseMs,
    open: number => {
      const opened = openPartition(parts, number, end(number))
      own.set(number, opened)
      const forget = () => own.get(number) === opened && own.delete(number)
      void lookAfter([number])
      // Of a worker that has died, say: they go on here.
      void lookForReplays()
      void lookForErasures()
      return { drain: () => opened.drain().finally(forget) }
    },
    clock: systemClock,
    onTrouble: error =>
      log.warn(
        { err: error, remedy: 'check NATS: partitions whose lease cannot be renewed are given up' },
        'the fleet’s leases are out of reach',
      ),
    onChange: (owned, workers) => log.info({ partitions: owned, workers: workers.length }, 'partitions changed'),
  })

  const ownerOf = (tenant: string) => own.get(partitionOf(tenant, parts.partitions))
  const wake = (id: string) => {
    const subscription = directory.byId(id)
    if (subscription === undefined) own.values().next().value?.supervisors.wake(id)
    else if (subscription.status === 'active') ownerOf(subscription.tenant)?.supervisors.wake(id)
  }
  const replays = createReplayRunner(parts, ({ tenant }) => ownerOf(tenant) !== undefined, wake, patience)
  const retainer = createRetainer(parts, tenant => ownerOf(tenant) !== undefined, streams.wake)
  let retainedAt = Date.now()
  const retain = (tenant?: string) => {
    const round = () => retainer.round().then(() => void (retainedAt = Date.now()))
    const work = tenant === undefined ? round() : retainer.pass(tenant)
    work.catch((error: unknown) => patience.onWait(error, retainEveryMs))
  }
  const eraser = createEraser(parts, tenant => ownerOf(tenant) !== undefined, {
    retain: retainer.pass,
    wake: streams.wake,
    patience,
  })
  const lookForErasures = () => eraser.look().catch((error: unknown) => patience.onWait(error, watchEveryMs))
  /** By the kind of what is to be looked after; retention is told the tenant. */
  const heed = (id: string) => {
    if (id.startsWith('rpl_')) return void lookForReplays()
    if (id.startsWith('era_')) return void lookForErasures()
    // The API's.
    if (id.startsWith('tok_')) return undefined
    if (!id.startsWith(retentionSignal(''))) return wake(id)
    const tenant = id.slice(retentionSignal('').length)
    if (ownerOf(tenant) !== undefined) retain(tenant)
    return undefined
  }
  const signals = streams.wakes$.subscribe(heed)
  const lookForReplays = () => replays.look().catch((error: unknown) => patience.onWait(error, watchEveryMs))

  /** Wakes the subscriptions of these partitions that have rows in the ledger. */
  const lookAfter = async (numbers: readonly number[]): Promise<void> => {
    try {
      const wanted = new Set(numbers)
      for (const id of await parts.ledger.deliveries.backlogged()) {
        const tenant = directory.byId(id)?.tenant
        if (tenant === undefined || wanted.has(partitionOf(tenant, parts.partitions))) wake(id)
      }
    } catch (error) {
      patience.onWait(error, watchEveryMs)
    }
  }
  /** Of a process that was stopped for a while, and changed without meanwhile. */
  const stillFits = () =>
    streams.assertPartitions(parts.partitions).catch((error: unknown) => {
      if (!isFailure(error, 'invalid_settings')) return patience.onWait(error, watchEveryMs)
      log.error({ err: error, remedy: error.message }, 'the process ends: the number of partitions is another')
      return void process.kill(process.pid, 'SIGTERM')
    })
  const watch = async (): Promise<void> => {
    await stillFits()
    own.forEach(({ supervisors }) => supervisors.dismissIdle())
    await expireOverdue(parts, [...own.keys()]).catch((error: unknown) => patience.onWait(error, watchEveryMs))
    await lookAfter([...own.keys()])
    await lookForReplays()
    await lookForErasures()
  }
  const watching = setInterval(() => void watch(), watchEveryMs)
  const retaining = setInterval(() => retain(), retainEveryMs)
  await fleet.ready
  void lookForReplays()
  void lookForErasures()
  retain()

  const sum = (of: (partition: OwnPartition) => number) =>
    [...own.values()].reduce((total, each) => total + of(each), 0)
  return {
    supervised: () => [...own.values()].flatMap(({ supervisors }) => supervisors.supervised()),
    mailboxDepth: () => sum(({ supervisors }) => supervisors.depth()),
    openMessages: () => sum(({ openMessages }) => openMessages()),
    partitions: () => [...own.keys()],
    retentionAgeMs: () => Date.now() - retainedAt,
    drain: async () => {
      clearInterval(watching)
      clearInterval(retaining)
      signals.unsubscribe()
      replays.stop()
      eraser.stop()
      await fleet.drain()
    },
  }
}

/** Whoever changes the number of partitions closes the stream first and looks for workers then; a worker says first that it lives, and looks then. */
const announce = async ({ streams, partitions }: WorkerParts, leases: Leases, worker: string): Promise<void> => {
  await leases.beat(worker)
  try {
    await streams.assertPartitions(partitions)
  } catch (error) {
    await leases.leave(worker)
    throw error
  }
}

/** Signal: look after this tenant's retention. */
export const retentionSignal = (tenant: string): string => `ret_${tenant}`

/** Rows that wait while nothing is posted, as behind a pause, expire too. */
const expireOverdue = async (
  { ledger, directory, partitions }: WorkerParts,
  numbers: readonly number[],
): Promise<void> => {
  const wanted = new Set(numbers)
  const now = Date.now()
  for (const { id, tenant, expiresAfterMs } of directory.all()) {
    if (expiresAfterMs === undefined || !wanted.has(partitionOf(tenant, partitions))) continue
    await ledger.deliveries.expire(id, now - expiresAfterMs, now)
  }
}
