import { firstValueFrom } from 'rxjs'
import { patiently } from '../../actors/kit/patiently.ts'
import type { PartitionPorts } from '../../actors/partition/partition.ts'
import type { Supervisors } from '../../actors/subscription/supervisors.ts'
import { configuredType, readConfigured } from '../domain/control-message.ts'
import { limits } from '../domain/limits.ts'
import type { VisitMessage } from '../domain/visit-message.ts'
import type { Parts } from './parts.ts'
import { beginProcessSpan } from './process-span.ts'
import { partitionWindow } from './stream-limits.ts'

/** Connects one partition with the outside world. `open` has the messages that are not acknowledged yet. */
export const partitionPorts = (parts: Parts, supervisors: Supervisors, open: Set<VisitMessage>): PartitionPorts => {
  const { ledger, directory, reader, log, metrics, patience } = parts
  const now = () => Date.now()
  const begin = beginProcessSpan(metrics)
  return {
    read: message => reader.message(message.tenant, message.type, message.text(), now()),
    begin: message => {
      open.add(message)
      const span = begin(message)
      return { ...span, end: result => (open.delete(message), span.end(result)) }
    },
    subscriptionsOf: directory.ofTenant,
    knows: knows(directory),
    refresh: directory.refresh,
    ...freshSinceTaken(parts),
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
    keepAside: keepAside(parts),
    patience,
    now,
    onDefect: (message, error, traceparent) => {
      const remedy = 'a defect: report it with this line'
      log.error({ ...idsOf(traceparent), err: error, sequence: message.sequence, remedy }, 'a message failed')
    },
    window: partitionWindow,
  }
}

/**
 * Nothing is matched until the directory was compared with the ledger after the partition was taken: its previous owner may have acknowledged
 * a change that this process has not heard of, and the events behind it must not be matched without it.
 */
export const freshSinceTaken = ({
  directory,
  patience,
}: Pick<Parts, 'directory' | 'patience'>): Pick<PartitionPorts, 'isFresh' | 'untilFresh'> => {
  let isCompared = false
  const comparing = firstValueFrom(patiently(patience, directory.compare)).then(() => void (isCompared = true))
  // It is reported where it is awaited.
  comparing.catch(() => undefined)
  return {
    isFresh: () => isCompared && directory.isFresh(),
    untilFresh: async () => {
      await comparing
      await directory.untilFresh()
    },
  }
}

/** A control message of another kind, or one that cannot be read, reports nothing to wait for. */
const knows =
  ({ holds }: Pick<Parts['directory'], 'holds'>): PartitionPorts['knows'] =>
  ({ type, text }) => {
    const configured = type === configuredType ? readConfigured(text) : null
    return configured === null || holds(configured.id, configured.version)
  }

const keepAside =
  ({ ledger, log }: Pick<Parts, 'ledger' | 'log'>): PartitionPorts['keepAside'] =>
  async ({ sequence, partition, tenant, type, rawBytes }, reason, traceparent) => {
    const text = Buffer.from(rawBytes.subarray(0, limits.eventBytes)).toString('utf8')
    await ledger.aside.keep({ sequence, partition, tenant, type, reason, text, at: Date.now() })
    const remedy = 'fix its publisher; the message is in the collection "aside"'
    log.warn({ ...idsOf(traceparent), sequence, tenant, type, reason, remedy }, 'message kept aside')
  }

/** Returns the ids of a `traceparent`, for lines that are written outside any active span. */
const idsOf = (traceparent: string) => {
  const [, traceId, spanId] = traceparent.split('-')
  return { traceId, spanId }
}
