import { type TSchema, Type } from 'typebox'
import type { EventType } from './event-type.ts'
import { moment } from './visits.ts'

const subscriptionId = Type.String({ description: 'The subscription that the event is about' })
const failingSince = moment('First failure since the last delivery that succeeded')
const reason = Type.String({ description: 'Outcome of the last attempt, and what to check' })

const sample = { subscriptionId: 'sub_01KE4W2V8Y0000000000000000' }
const trouble = {
  ...sample,
  failingSince: '2026-03-02T09:00:00Z',
  reason: 'No connection to the endpoint. Check that the server runs, and that its firewall lets us in.',
}

const eventType = (
  type: string,
  description: string,
  fields: Record<string, TSchema>,
  more: EventType['sample'],
): EventType => ({
  type,
  description,
  schema: Type.Object({ subscriptionId, ...fields }),
  sample: more,
})

/** Events about a tenant's own subscriptions. The pattern `*` does not match them: a subscription names them, preferably one with another endpoint. */
export const operationalEventTypes: readonly EventType[] = [
  eventType(
    'webhook.subscription.failing',
    'No delivery of a subscription has succeeded for 1 h, then 24 h, then 72 h; after 5 days it is disabled',
    { failingSince, reason },
    trouble,
  ),
  eventType(
    'webhook.subscription.disabled',
    'A subscription was disabled after 5 days of failure, or because its endpoint answered 410 twice in a row',
    { failingSince, reason },
    trouble,
  ),
  eventType('webhook.subscription.recovered', 'A subscription that was failing delivers again', {}, sample),
  eventType(
    'webhook.delivery.exhausted',
    'The last attempt of a delivery failed, and the delivery is dead; it can be resent',
    {
      deliveryId: Type.String(),
      eventId: Type.String(),
      visitId: Type.String(),
      eventType: Type.String(),
      attempts: Type.Integer({ minimum: 1 }),
    },
    {
      ...sample,
      deliveryId: `evt_01KE4W2V8Y0000000000000001.${sample.subscriptionId}`,
      eventId: 'evt_01KE4W2V8Y0000000000000001',
      visitId: 'visit-4711',
      eventType: 'visit.checked_in',
      attempts: 12,
    },
  ),
]
