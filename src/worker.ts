import type { PartitionPorts } from '../actors/partition/partition.ts'
import { createAttempt } from '../actors/attempt/attempt.ts'
import { systemClock } from '../actors/kit/clock.ts'
import { runPipeline } from '../actors/kit/pipeline.ts'
import { restartOnFault } from '../actors/kit/supervision.ts'
import type { Patience } from '../actors/kit/with-patience.ts'
import { partition } from '../actors/partition/partition.ts'
import { createSupervisors, type Supervisors } from '../actors/subscription/supervisors.ts'
import type { Log } from '../observability/log.ts'
import type { DoorbellMetrics } from '../observability/metrics.ts'
import { currentTrace } from '../observability/traced.ts'
import type { Delivery } from './domain/delivery.ts'
import { limits } from './domain/limits.ts'
import type { Egress } from './egress/egress.ts'
import type { EventReader } from './intake/read-event.ts'
import type { Directory } from './ledger/directory.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { KeyRing } from './signing/key-ring.ts'
import type { Streams } from './streams/connect.ts'
import { beginProcess, isAway, tracedAttempt, tracedPost, tracedRecord } from './traced-ports.ts'
import { userAgent } from './version.ts'

export interface WorkerParts {
  readonly streams: Streams
  readonly ledger: Ledger
  readonly directory: Directory
  readonly egress: Egress
  readonly keyRing: KeyRing
  readonly standardSignature: (sealedSecret: string, id: string, timestampS: number, body: string) => Promise<string>
  readonly reader: EventReader
  readonly metrics: DoorbellMetrics
  readonly log: Log
  /** Aborted when attempts under way must be cut off. */
  readonly ending: AbortSignal
}

export interface Worker {
  readonly supervisors: Supervisors
  /** Messages that are not acknowledged yet. */
  openMessages(): number
  /** Stops pulling, finishes or hands back what is under way. */
  drain(): Promise<void>
}

/** Longer than the longest attempt (30 s) with its write; long work extends it every 15 s (invariant 2). */
export const ackWaitMs = 60_000
/** Most unacknowledged messages of one partition: bounds memory, and one busy subscription fills no more. */
export const partitionWindow = 512
/** How often rows that nobody looks after are searched for: after a crash, or a timer that was lost. */
const watchEveryMs = 30_000

/** Runs the actors of this process: a pipeline for each partition, a supervisor for each subscription with work. */
export const startWorker = (parts: WorkerParts): Worker => {
  const { streams, ledger, directory, log, metrics } = parts
  const now = () => Date.now()
  const patience: Patience = {
    passes: isAway,
    onWait: (error, delayMs) =>
      log.warn(
        { err: error, delayMs, remedy: 'see the error; the work waits and burns no attempt' },
        'waiting for the ledger',
      ),
  }
  const supervisors = createSupervisors({
    attempt: tracedAttempt(loggedAttempt(parts)),
    record: tracedRecord(record(parts)),
    due: async (subscriptionId, limit) => {
      const at = now()
      const rows = await ledger.deliveries.due(subscriptionId, at, limit)
      return { rows, nextDueAt: rows.length < limit ? await ledger.deliveries.nextDueAt(subscriptionId, at) : at }
    },
    patience,
    now,
    byId: directory.byId,
    changes$: directory.changes$,
    cancelAll: id => ledger.deliveries.cancelAll(id, 'subscription_deleted', now()),
    clock: systemClock,
    onFault: (subscriptionId, fault, directive) =>
      log.error(
        { err: fault, subscriptionId, directive, remedy: 'a defect: report it with this line' },
        'a supervisor met a fault',
      ),
  })

  let open = 0
  const begin = beginProcess(metrics)
  const ports: PartitionPorts = {
    read: message => parts.reader.message(message.tenant, message.type, message.text(), now()),
    begin: message => {
      open += 1
      const hop = begin(message)
      return { traceparent: hop.traceparent, end: result => ((open -= 1), hop.end(result)) }
    },
    subscriptionsOf: directory.ofTenant,
    existing: ledger.deliveries.existing,
    offer: supervisors.offer,
    keepAside: async (message, reason, traceparent) => {
      const { sequence, partition: number, tenant, type } = message
      const text = Buffer.from(message.rawBytes.subarray(0, limits.eventBytes)).toString('utf8')
      await ledger.aside.keep({ sequence, partition: number, tenant, type, reason, text, at: now() })
      log.warn(
        {
          ...idsOf(traceparent),
          sequence,
          tenant,
          type,
          reason,
          remedy: 'mend its publisher; the message is in the collection aside',
        },
        'message kept aside',
      )
    },
    patience,
    now,
    onDefect: (message, error, traceparent) =>
      log.error(
        { ...idsOf(traceparent), err: error, sequence: message.sequence, remedy: 'a defect: report it with this line' },
        'a message could not be worked on',
      ),
    window: partitionWindow,
  }

  const partitions = Array.from({ length: limits.partitions }, (_, number) => {
    const feed = streams.feed(number, partitionWindow)
    const pipeline = runPipeline({
      name: `partition ${number}`,
      pipeline$: feed.messages$.pipe(partition(ports)),
      clock: systemClock,
      supervision: restartOnFault,
      onFault: (fault, directive) =>
        log.error(
          { err: fault, partition: number, directive, remedy: 'see the error; check NATS' },
          'a partition met a fault',
        ),
    })
    pipeline.ended.catch((error: unknown) => {
      log.error(
        { err: error, partition: number, remedy: 'the process ends and must be started again' },
        'a partition cannot go on',
      )
      process.kill(process.pid, 'SIGTERM')
    })
    return { feed, pipeline }
  })

  const watch = async () => {
    supervisors.dismissIdle()
    for (const id of await ledger.deliveries.backlogged()) supervisors.wake(id)
  }
  const tryWatch = () => void watch().catch((error: unknown) => patience.onWait(error, watchEveryMs))
  tryWatch()
  const watching = setInterval(tryWatch, watchEveryMs)

  return {
    supervisors,
    openMessages: () => open,
    drain: async () => {
      clearInterval(watching)
      await Promise.all(partitions.map(({ feed }) => feed.stop()))
      await supervisors.drain()
      await Promise.all(partitions.map(({ pipeline }) => pipeline.ended.catch(() => undefined)))
    },
  }
}

/** The ids of a `traceparent`, for lines that are written outside of any active span. */
const idsOf = (traceparent: string) => {
  const [, traceId, spanId] = traceparent.split('-')
  return { traceId, spanId }
}

/** Each attempt ends in one line with every field. */
const loggedAttempt = ({ keyRing, standardSignature, egress, ending, log, metrics }: WorkerParts) => {
  const attempt = createAttempt({
    sign: keyRing.sign,
    standardSignature,
    post: tracedPost(egress.post),
    trace: () => currentTrace() ?? { traceId: '', spanId: '', traceparent: '' },
    now: () => Date.now(),
    userAgent,
    ending,
  })
  return async (order: Parameters<typeof attempt>[0]) => {
    const result = await attempt(order)
    const { delivery, number } = order
    const { tookMs, status, error, detail } = result.attempt
    metrics.attempted(error ?? String(status), tookMs)
    const { id, subscriptionId, tenant, eventId, visitId, type } = delivery
    const fields = {
      deliveryId: id,
      tenant,
      subscriptionId,
      eventId,
      visitId,
      type,
      attempt: number,
      tookMs,
      status,
      error,
    }
    const good = status !== undefined && status >= 200 && status < 300
    if (good) log.debug(fields, 'attempt delivered')
    else log.info({ ...fields, remedy: detail ?? 'see the endpoint’s answer in the delivery' }, 'attempt failed')
    return result
  }
}

const record =
  ({ ledger, metrics }: WorkerParts) =>
  async (row: Delivery, stored: boolean): Promise<void> => {
    if (stored) await ledger.deliveries.update(row)
    else await ledger.deliveries.insert(row)
    metrics.settled(row.status, Date.now() - row.createdAt)
  }
