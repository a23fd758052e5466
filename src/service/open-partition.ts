import { catchError, defer, filter, throwError } from 'rxjs'
import type { OpenPartition } from '../../actors/fleet/protocol.ts'
import { systemClock } from '../../actors/kit/clock.ts'
import { runPipeline } from '../../actors/kit/pipeline.ts'
import { pauseOnDefect } from '../../actors/kit/supervision.ts'
import { partition } from '../../actors/partition/partition.ts'
import { createSupervisors, type Supervisors } from '../../actors/subscription/supervisors.ts'
import { isAway } from '../domain/failure.ts'
import { partitionOf } from '../domain/partition.ts'
import type { VisitMessage } from '../domain/visit-message.ts'
import { failureOfRequest } from '../streams/faults.ts'
import { partitionPorts } from './partition-ports.ts'
import type { Parts } from './parts.ts'
import { partitionWindow } from './stream-limits.ts'
import { supervisorPorts } from './supervisor-ports.ts'

/** One partition that this process works on. */
export interface OwnPartition extends OpenPartition {
  readonly supervisors: Supervisors
  /** Messages that are not acknowledged yet. */
  openMessages(): number
}

/** Reads one partition and supervises the subscriptions of its tenants, until it is drained. */
export const openPartition = (parts: Parts, number: number): OwnPartition => {
  const supervisors = createSupervisors({ ...supervisorPorts(parts), changes$: changesOf(parts, number) })
  return { supervisors, ...readPartition(parts, number, supervisors) }
}

/** Reads one partition and offers its events to these supervisors. One that keeps failing is paused, and tried again. `drain` ends both. */
export const readPartition = (
  parts: Parts,
  number: number,
  supervisors: Supervisors,
): Omit<OwnPartition, 'supervisors'> => {
  const { streams, log, patience, paused } = parts
  let [ending, isResting] = [false, false]
  const open = new Set<VisitMessage>()
  const feed = streams.feed(number, partitionWindow, patience.onWait)
  void feed.nothingInHand.then(supervisors.caughtUp)
  const pipeline = runPipeline({
    name: `partition ${number}`,
    pipeline$: defer(() => {
      isResting = false
      return feed.messages$.pipe(
        // Whatever ends a feed, NATS is the cause of it.
        catchError((error: unknown) => throwError(() => failureOfRequest(error))),
        partition(partitionPorts(parts, supervisors, open)),
      )
    }),
    clock: systemClock,
    supervision: pauseOnDefect,
    onFault: (fault, directive, delayMs) => {
      // The stream delivers them again. Work on them may still end, and must not count then.
      open.clear()
      isResting = true
      if (directive === 'pause') paused.paused(number, delayMs)
      const remedy = isAway(fault)
        ? 'see the error: it continues by itself'
        : 'a defect: report it with this line; the partition is tried again by itself, and the others continue'
      log.error({ err: fault, partition: number, directive, againInMs: delayMs, remedy }, 'a partition failed')
      if (ending) pipeline.kill()
    },
  })
  return {
    openMessages: () => open.size,
    drain: async () => {
      ending = true
      // A partition that waits for its next attempt has nothing in hand.
      if (isResting) pipeline.kill()
      await feed.stop()
      await supervisors.drain()
      await pipeline.ended
      paused.closed(number)
    },
  }
}

/** Emits the changes of this partition's subscriptions. The tenant of a removed one may be unknown, so every partition cancels its rows; that can be repeated. */
export const changesOf = ({ directory, settings }: Parts, number: number) =>
  directory.changes$.pipe(
    filter(
      change => change.type === 'removed' || partitionOf(change.subscription.tenant, settings.partitions) === number,
    ),
  )
