import { filter } from 'rxjs'
import type { OpenPartition } from '../../actors/fleet/protocol.ts'
import { systemClock } from '../../actors/kit/clock.ts'
import { runPipeline } from '../../actors/kit/pipeline.ts'
import { restartOnFault } from '../../actors/kit/supervision.ts'
import { partition } from '../../actors/partition/partition.ts'
import { createSupervisors, type Supervisors } from '../../actors/subscription/supervisors.ts'
import { partitionOf } from '../domain/partition.ts'
import type { VisitMessage } from '../domain/visit-message.ts'
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

/** Reads one partition and supervises the subscriptions of its tenants, until it is drained. `onEscalation` gets the fault that ended it. */
export const openPartition = (parts: Parts, number: number, onEscalation: (error: unknown) => void): OwnPartition => {
  const supervisors = createSupervisors({ ...supervisorPorts(parts), changes$: changesOf(parts, number) })
  return { supervisors, ...readPartition(parts, number, supervisors, onEscalation) }
}

/** Reads one partition and offers its events to these supervisors. `drain` ends both. */
export const readPartition = (
  parts: Parts,
  number: number,
  supervisors: Supervisors,
  onEscalation: (error: unknown) => void,
): Omit<OwnPartition, 'supervisors'> => {
  const { streams, log, patience } = parts
  const open = new Set<VisitMessage>()
  const feed = streams.feed(number, partitionWindow, patience.onWait)
  void feed.nothingInHand.then(supervisors.caughtUp)
  const pipeline = runPipeline({
    name: `partition ${number}`,
    pipeline$: feed.messages$.pipe(partition(partitionPorts(parts, supervisors, open))),
    clock: systemClock,
    supervision: restartOnFault,
    onFault: (fault, directive) => {
      // The stream delivers them again. Work on them may still end, and must not count then.
      open.clear()
      const remedy = 'see the error; check NATS'
      log.error({ err: fault, partition: number, directive, remedy }, 'a partition failed')
    },
  })
  pipeline.ended.catch(onEscalation)
  return {
    openMessages: () => open.size,
    drain: async () => {
      await feed.stop()
      await supervisors.drain()
      await pipeline.ended.catch(() => undefined)
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
