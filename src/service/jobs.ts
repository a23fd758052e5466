import { createEraser } from '../jobs/erasure.ts'
import { type CandidateParts, nextCandidates } from '../jobs/replay-candidates.ts'
import { createReplays } from '../jobs/replays.ts'
import { createRetainer } from '../jobs/retention.ts'
import type { OwnedPartitions } from './owned-partitions.ts'
import type { Parts } from './parts.ts'
import { retentionOf } from './settings.ts'
import { wait } from './wait.ts'

/** The jobs that run beside deliveries. A failed one is logged, and the next look tries it again. */
export interface Jobs {
  lookForReplays(): Promise<void>
  lookForErasures(): Promise<void>
  /** Starts retention for one tenant, or for all tenants of this process. */
  retain(tenant?: string): void
  /** Time since retention finished a round of all tenants, or since the start. */
  retentionAgeMs(): number
  stop(): void
}

/** Retention counts in days: an hour late is early enough. */
export const retainEveryMs = 60 * 60_000

export const createJobs = (
  parts: Parts,
  { owns }: OwnedPartitions,
  wake: (id: string) => void,
  lookEveryMs: number,
): Jobs => {
  const { ledger, streams, metrics, log, patience, settings } = parts
  const shared = { ledger, streams, metrics, log, owns, partitions: settings.partitions }
  const replays = createReplays({
    ledger,
    log,
    candidates: nextCandidates(candidatePartsOf(parts)),
    owns,
    wake,
    patience,
  })
  const retainer = createRetainer({
    ...shared,
    retention: retentionOf(settings),
    wake: streams.wake,
    now: () => Date.now(),
  })
  const eraser = createEraser({
    ...shared,
    retain: retainer.pass,
    wake: streams.wake,
    onFault: patience.onWait,
    wait,
  })
  let retainedAt = Date.now()
  const round = () => retainer.round().then(() => void (retainedAt = Date.now()))
  const attempt = (work: Promise<void>, againInMs: number) =>
    work.catch((error: unknown) => patience.onWait(error, againInMs))
  return {
    lookForReplays: () => attempt(replays.look(), lookEveryMs),
    lookForErasures: () => attempt(eraser.look(), lookEveryMs),
    retain: tenant => void attempt(tenant === undefined ? round() : retainer.pass(tenant), retainEveryMs),
    retentionAgeMs: () => Date.now() - retainedAt,
    stop: () => {
      replays.stop()
      eraser.stop()
    },
  }
}

/** Returns what is needed to find the deliveries of a replay. The worker opens them, and the API counts them first. */
export const candidatePartsOf = ({ streams, ledger, bodyOf, reader, settings }: Parts): CandidateParts => ({
  streams,
  ledger,
  bodyOf,
  eventOf: reader.message,
  partitions: settings.partitions,
})
