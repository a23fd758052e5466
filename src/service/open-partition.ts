import { filter } from 'rxjs'
import type { OpenPartition } from '../../actors/fleet/protocol.ts'
import { systemClock } from '../../actors/kit/clock.ts'
import { runPipeline } from '../../actors/kit/pipeline.ts'
import { restartOnFault } from '../../actors/kit/supervision.ts'
import { partition, type PartitionPorts } from '../../actors/partition/partition.ts'
import { createSupervisors, type Supervisors } from '../../actors/subscription/supervisors.ts'
import { limits } from '../domain/limits.ts'
import { partitionOf } from '../domain/partition.ts'
import { beginProcess } from './traced-ports.ts'
import type { WorkerParts } from './worker-parts.ts'
import { patienceOf, supervisorPorts } from './supervisor-ports.ts'

/** Most unacknowledged messages of one partition: bounds memory, and one busy subscription fills no more. */
export const partitionWindow = 512

/** One partition in this process's hands. */
export interface OwnPartition extends OpenPartition {
  readonly supervisors: Supervisors
  /** Messages that are not acknowledged yet. */
  openMessages(): number
}

/** Reads one partition and supervises the subscriptions of its tenants, until it is drained. */
export const openPartition = (parts: WorkerParts, number: number, onEnd: (error: unknown) => void): OwnPartition => {
  const { streams, directory, log } = parts
  const supervisors = createSupervisors({
    ...supervisorPorts(parts),
    // A removed subscription's tenant may be unknown: every partition may cancel its rows, which is the same done twice.
    changes$: directory.changes$.pipe(
      filter(
        change => change.type === 'removed' || partitionOf(change.subscription.tenant, parts.partitions) === number,
      ),
    ),
  })
  let open = 0
  const feed = streams.feed(number, partitionWindow)
  void feed.nothingInHand.then(supervisors.caughtUp)
  const ports = partitionPorts(parts, supervisors, {
    opened: () => void (open += 1),
    closed: () => void (open -= 1),
  })
  const pipeline = runPipeline({
    name: `partition ${number}`,
    pipeline$: feed.messages$.pipe(partition(ports)),
    clock: systemClock,
    supervision: restartOnFault,
    onFault: (fault, directive) => {
      open = 0
      log.error(
        { err: fault, partition: number, directive, remedy: 'see the error; check NATS' },
        'a partition met a fault',
      )
    },
  })
  pipeline.ended.catch(onEnd)
  return {
    supervisors,
    openMessages: () => open,
    drain: async () => {
      await feed.stop()
      await supervisors.drain()
      await pipeline.ended.catch(() => undefined)
    },
  }
}

const partitionPorts = (
  parts: WorkerParts,
  supervisors: Supervisors,
  count: { readonly opened: () => void; readonly closed: () => void },
): PartitionPorts => {
  const { ledger, directory, reader, log, metrics } = parts
  const now = () => Date.now()
  const begin = beginProcess(metrics)
  return {
    read: message => reader.message(message.tenant, message.type, message.text(), now()),
    begin: message => {
      count.opened()
      const hop = begin(message)
      return { ...hop, end: result => (count.closed(), hop.end(result)) }
    },
    subscriptionsOf: directory.ofTenant,
    existing: ledger.deliveries.existing,
    offer: supervisors.offer,
    onCaughtUp: supervisors.caughtUp,
    keepUnmatched: ({ message, event }) =>
      ledger.unmatched.keep({
        tenant: event.tenant,
        eventId: event.id,
        type: event.type,
        visitId: event.visitId,
        streamSequence: message.sequence,
        at: message.at,
      }),
    keepAside: async (message, reason, traceparent) => {
      const { sequence, partition: number, tenant, type } = message
      const text = Buffer.from(message.rawBytes.subarray(0, limits.eventBytes)).toString('utf8')
      await ledger.aside.keep({ sequence, partition: number, tenant, type, reason, text, at: now() })
      const remedy = 'mend its publisher; the message is in the collection aside'
      log.warn({ ...idsOf(traceparent), sequence, tenant, type, reason, remedy }, 'message kept aside')
    },
    patience: patienceOf(parts),
    now,
    onDefect: (message, error, traceparent) =>
      log.error(
        { ...idsOf(traceparent), err: error, sequence: message.sequence, remedy: 'a defect: report it with this line' },
        'a message could not be worked on',
      ),
    window: partitionWindow,
  }
}

/** The ids of a `traceparent`, for lines that are written outside of any active span. */
const idsOf = (traceparent: string) => {
  const [, traceId, spanId] = traceparent.split('-')
  return { traceId, spanId }
}
