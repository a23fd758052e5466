import type { AttemptOrder, AttemptResult } from '../../actors/attempt/protocol.ts'
import type { Hop, VisitMessage } from '../../actors/partition/protocol.ts'
import type { SubscriptionEffect } from '../../actors/subscription/protocol.ts'
import type { DoorbellMetrics } from '../../observability/metrics.ts'
import { attributes as a, spanNames } from '../../observability/names.ts'
import { currentTrace, failed, SpanKind, startSpan, traced } from '../../observability/traced.ts'
import { traceparentOf } from '../../observability/traceparent.ts'
import type { Delivery } from '../domain/delivery.ts'
import { placeOfAttempt, placeOfRecord } from '../domain/delivery-trace.ts'
import { endpointUrl } from '../domain/endpoint-url.ts'
import { isFailure } from '../domain/failure.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { EventPublisher } from '../intake/intake.ts'
import type { Published } from '../streams/publication.ts'
import type { Publisher } from '../streams/publisher.ts'

type EventPublication = Parameters<EventPublisher['publish']>[0]

/** The span `send`: its own context is what travels in the message. */
export const tracedPublish = (publisher: Publisher, metrics: DoorbellMetrics): EventPublisher['publish'] => {
  const publish = traced(
    {
      name: spanNames.send,
      kind: SpanKind.PRODUCER,
      attributes: ({ tenant, type, id, visitId }: EventPublication) => ({
        [a.messagingSystem]: 'nats',
        [a.messagingOperation]: 'send',
        [a.messagingOperationType]: 'send',
        [a.messagingDestination]: 'visits.in',
        [a.messageId]: id,
        [a.tenant]: tenant,
        [a.eventType]: type,
        [a.eventId]: id,
        [a.visitId]: visitId,
      }),
      result: ({ duplicate }: Published) => ({ attributes: { [a.duplicate]: duplicate } }),
    },
    publication =>
      publisher.publish({ ...publication, traceparent: currentTrace()?.traceparent ?? publication.traceparent }),
  )
  return async publication => {
    const startedAt = performance.now()
    const sent = (result: 'accepted' | 'duplicate' | 'failed') =>
      metrics.sent(publication.tenant, result, performance.now() - startedAt)
    try {
      const published = await publish(publication)
      sent(published.duplicate ? 'duplicate' : 'accepted')
      return published
    } catch (error) {
      sent('failed')
      throw error
    }
  }
}

/** The span `process` of one message: child of the sender's, and linked to it, as the conventions ask of messages. */
export const beginProcess =
  (metrics: DoorbellMetrics) =>
  (message: VisitMessage): Hop => {
    const startedAt = performance.now()
    const span = startSpan({
      name: spanNames.process,
      kind: SpanKind.CONSUMER,
      parent: message.traceparent,
      linkParent: true,
      attributes: {
        [a.messagingSystem]: 'nats',
        [a.messagingOperation]: 'process',
        [a.messagingOperationType]: 'process',
        [a.messagingDestination]: 'visits',
        [a.partition]: String(message.partition),
        [a.tenant]: message.tenant,
        [a.eventType]: message.type,
      },
    })
    return {
      traceparent: traceparentOf(span.spanContext()),
      identify: ({ id, visitId }) => span.setAttributes({ [a.eventId]: id, [a.visitId]: visitId }),
      end: result => {
        span.setAttribute(a.outcome, result)
        if (result === 'kept_aside') failed(span, result)
        span.end()
        metrics.processed(result, performance.now() - startedAt)
      },
    }
  }

const deliveryAttributes = ({ id, tenant, subscriptionId, eventId, visitId, type }: Delivery) => ({
  [a.delivery]: id,
  [a.tenant]: tenant,
  [a.subscription]: subscriptionId,
  [a.eventId]: eventId,
  [a.visitId]: visitId,
  [a.eventType]: type,
})

/** The span `attempt`, from signing to verdict. */
export const tracedAttempt = (attempt: (order: AttemptOrder) => Promise<AttemptResult>) =>
  traced(
    {
      name: spanNames.attempt,
      kind: SpanKind.INTERNAL,
      place: ({ delivery }: AttemptOrder) => placeOfAttempt(delivery, Date.now()),
      attributes: ({ delivery, number }) => ({ ...deliveryAttributes(delivery), [a.attempt]: number }),
      result: ({ outcome }: AttemptResult) => seen(outcome),
    },
    attempt,
  )

/** The span of the POST itself; the receiver's host, never its path or query. */
export const tracedPost = <Request extends PostRequest>(post: (request: Request) => Promise<Outcome>) =>
  traced(
    {
      name: spanNames.post,
      kind: SpanKind.CLIENT,
      attributes: ({ url }: Request) => {
        const { origin, hostname } = endpointUrl(url) ?? { origin: '(not a url)', hostname: '' }
        return { [a.httpMethod]: 'POST', [a.urlFull]: `${origin}/`, [a.serverAddress]: hostname }
      },
      result: (outcome: Outcome) => seen(outcome),
    },
    request => post(underThisSpan(request)),
  )

interface PostRequest {
  readonly url: string
  readonly headers: Record<string, string>
}

/** A receiver that is told the trace gets its place under the POST. */
const underThisSpan = <Request extends PostRequest>(request: Request): Request => {
  const here = request.headers['traceparent'] === undefined ? null : currentTrace()
  return here === null ? request : { ...request, headers: { ...request.headers, traceparent: here.traceparent } }
}

const seen = (outcome: Outcome) => {
  if (outcome.type === 'unanswered') return { attributes: { [a.outcome]: outcome.error }, error: outcome.error }
  const { status } = outcome
  const attributes = {
    [a.httpStatus]: status,
    [a.outcome]: status >= 200 && status < 300 ? 'delivered' : 'refused',
  }
  return status >= 200 && status < 300 ? { attributes } : { attributes, error: String(status) }
}

/** The span `record`: until the row is durable. */
export const tracedRecord = (record: (row: Delivery, stored: boolean) => Promise<Delivery>) =>
  traced(
    {
      name: spanNames.record,
      kind: SpanKind.CLIENT,
      place: (row: Delivery, _stored: boolean) => placeOfRecord(row, Date.now()),
      attributes: (row: Delivery, stored: boolean) => ({
        [a.dbSystem]: 'mongodb',
        [a.dbCollection]: 'deliveries',
        [a.dbOperation]: stored ? 'update' : 'insert',
        // The span above it has the rest; by these two a row is found that was never attempted.
        [a.delivery]: row.id,
        [a.subscription]: row.subscriptionId,
        [a.deliveryStatus]: row.status,
      }),
    },
    record,
  )

/** The span of a circuit's change, with an event that names it; in the trace of the delivery that caused it. */
export const tracedTransition = (tell: (order: Remember) => Promise<void>) =>
  traced(
    {
      name: spanNames.circuit,
      kind: SpanKind.INTERNAL,
      place: ({ traceparent }: Remember) =>
        traceparent === null ? null : { parent: traceparent, originTraceId: null },
      attributes: ({ health, transition }) => ({
        [a.subscription]: health.subscriptionId,
        [a.circuitState]: transition?.to ?? health.circuit.phase,
      }),
      event: ({ transition }) =>
        transition === null
          ? null
          : { name: `circuit.${transition.to}`, attributes: { from: transition.from, reason: transition.reason } },
    },
    tell,
  )

type Remember = SubscriptionEffect & { readonly type: 'remember' }

export const isAway = (error: unknown): boolean =>
  isFailure(error, 'ledger_unavailable') || isFailure(error, 'streams_unavailable')
