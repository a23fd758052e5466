import { deliveryId, type Delivery } from '../../src/domain/delivery.ts'
import { type PayloadForm, type VisitEvent, wireBody } from '../../src/domain/event.ts'
import { receives, type Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import type { Arrived, Planned } from './protocol.ts'

/** An event with the subscriptions that match it, before the look-up in the ledger. */
export interface Matched extends Arrived {
  readonly subscriptions: readonly Subscription[]
}

export const match = (arrived: Arrived, subscriptionsOf: (tenant: string) => readonly Subscription[]): Matched => ({
  ...arrived,
  subscriptions: subscriptionsOf(arrived.event.tenant).filter(subscription =>
    receives(subscription, arrived.event, arrived.message.sequence),
  ),
})

/** The ids to look up: an event is not delivered again where a row exists. */
export const idsOf = (batch: readonly Matched[]): string[] =>
  batch.flatMap(({ event, subscriptions }) => subscriptions.map(subscription => deliveryId(event.id, subscription.id)))

/** The deliveries of one event that have no row yet. */
export const plan = (matched: Matched, existing: ReadonlySet<string>, now: EpochMs): Planned => {
  const { message, event, span, subscriptions } = matched
  const bodyOf = bodies(event, message.sequence)
  const fresh = subscriptions.filter(subscription => !existing.has(deliveryId(event.id, subscription.id)))
  return {
    message,
    event,
    span,
    matched: subscriptions.length > 0,
    offers: fresh.map(subscription => ({
      subscription,
      delivery: newDelivery(matched, subscription, bodyOf(subscription.payload), now),
    })),
  }
}

/** All subscriptions with the same payload form share one body. */
const bodies = (event: VisitEvent, sequence: number) => {
  const written: Partial<Record<PayloadForm, string>> = {}
  return (form: PayloadForm): string => (written[form] ??= wireBody(event, form, sequence))
}

const newDelivery = (
  { message, event, span }: Matched,
  subscription: Subscription,
  body: string,
  now: EpochMs,
): Delivery => ({
  id: deliveryId(event.id, subscription.id),
  tenant: event.tenant,
  partition: message.partition,
  subscriptionId: subscription.id,
  eventId: event.id,
  visitId: event.visitId,
  type: event.type,
  streamSequence: message.sequence,
  status: 'pending',
  nextAttemptAt: now,
  attempts: [],
  body,
  revision: 0,
  ...(subscription.ordering === 'visit' ? { ordered: true } : {}),
  traceparent: span.traceparent,
  createdAt: message.at,
  updatedAt: now,
})
