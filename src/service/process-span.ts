import type { MessageSpan } from '../../actors/partition/protocol.ts'
import type { DoorbellMetrics } from '../../observability/metrics.ts'
import { attributes as a, spanNames } from '../../observability/names.ts'
import { failed, SpanKind, startSpan } from '../../observability/traced.ts'
import { traceparentOf } from '../../observability/traceparent.ts'
import type { VisitMessage } from '../domain/visit-message.ts'

/** Begins the span `process` of a message: a child of the sender's span, and linked to it as the conventions ask of messages. */
export const beginProcessSpan =
  (metrics: Pick<DoorbellMetrics, 'processed'>) =>
  (message: VisitMessage): MessageSpan => {
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
