import type { DoorbellMetrics } from '../../observability/metrics.ts'
import { attributes as a, spanNames } from '../../observability/names.ts'
import { currentTrace, SpanKind, traced } from '../../observability/traced.ts'
import type { EventPublisher } from '../intake/intake.ts'

type Publish = EventPublisher['publish']

/** Publishes an event with the span `send`, which travels in the message as its trace context, and counts the result. */
export const countedPublish = (streams: EventPublisher, metrics: Pick<DoorbellMetrics, 'sent'>): Publish => {
  const publish = tracedPublish(streams)
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

const tracedPublish = (streams: EventPublisher): Publish =>
  traced(
    {
      name: spanNames.send,
      kind: SpanKind.PRODUCER,
      attributes: ({ tenant, type, id, visitId }: Parameters<Publish>[0]) => ({
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
      result: ({ duplicate }: Awaited<ReturnType<Publish>>) => ({ attributes: { [a.duplicate]: duplicate } }),
    },
    publication =>
      streams.publish({ ...publication, traceparent: currentTrace()?.traceparent ?? publication.traceparent }),
  )
