import type { EventType } from '../../../config/event-types/event-type.ts'
import { type Delivery, deliveryId } from '../../domain/delivery.ts'
import { wireBody } from '../../domain/event.ts'
import type { Subscription } from '../../domain/subscription.ts'
import type { Identity } from '../operation/identity.ts'

/** The row of a test event: the sample of an event type, marked as a test. */
export const testDelivery = (
  { id: subscriptionId, tenant, payload }: Subscription,
  { type, sample }: Pick<EventType, 'type' | 'sample'>,
  { id, at: now }: Pick<Identity, 'id' | 'at'>,
  traceparent: string,
): Delivery => {
  const eventId = id('test')
  const visitId = 'visit-sample'
  const timestamp = new Date(now).toISOString()
  return {
    id: deliveryId(eventId, subscriptionId),
    tenant,
    partition: 0,
    subscriptionId,
    eventId,
    visitId,
    type,
    streamSequence: 0,
    status: 'pending',
    nextAttemptAt: now,
    attempts: [],
    revision: 0,
    kind: 'test',
    body: wireBody({ id: eventId, type, timestamp, tenant, visitId, data: sample }, payload, 0),
    traceparent,
    createdAt: now,
    updatedAt: now,
  }
}
