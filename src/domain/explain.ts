import type { Delivery, DeliveryReason } from './delivery.ts'
import { isOperational, type VisitEvent } from './event.ts'
import type { EpochMs } from './time.ts'
import { comparable, matchesType, type Subscription } from './subscription.ts'

/** Explains the state of a delivery to end users. */
export const explainDelivery = ({ status, reason, nextAttemptAt, attempts }: Delivery, now: EpochMs): string => {
  const last = attempts.at(-1)
  // A delivery that is due waits for something else, which the subscription's state shows.
  const later = nextAttemptAt !== null && nextAttemptAt > now
  const next = later ? ` The next attempt is at ${new Date(nextAttemptAt).toISOString()}.` : ''
  if (status === 'delivered') return `The endpoint accepted it at attempt ${last?.number ?? 1}.`
  const words = reason === undefined ? '' : reasons[reason]
  const failed = last?.detail === undefined ? '' : ` Last attempt: ${last.detail}`
  if (status === 'pending') return `${words || 'The delivery is under way.'}${failed}${next}`
  return `${words}${failed}`
}

const reasons: Readonly<Record<DeliveryReason, string>> = {
  over_capacity: 'Waiting: the endpoint already has as many open requests as it can handle.',
  rate_limited: 'Waiting: the subscription’s rate limit is reached.',
  retry_after: 'Waiting: the endpoint asked Doorbell to retry later.',
  circuit_open:
    'Waiting: the endpoint is failing. Doorbell tries it again with the delivery that has been due longest, and no attempt is lost.',
  paused: 'Waiting: the subscription is paused. Resume it to send this delivery.',
  disabled:
    'Waiting: the subscription is disabled. Fix the endpoint, then resume the subscription to send this delivery.',
  waiting_turn: 'Waiting for an earlier event of the same visit.',
  own_fault: 'Waiting: Doorbell has a problem on its side. No attempt is used up.',
  resent: 'A user requested to send it again.',
  replay: 'A replay sends it again.',
  exhausted: 'Every attempt of the retry policy failed. Fix the endpoint, then send it again.',
  redirected:
    'The endpoint answered twice with the same redirect, and a further attempt would not change that. It may have processed the event each time. Let it answer 2xx, or put a relay that does in front of it, then send the delivery again.',
  expired: 'It was not delivered within the time that the subscription allows.',
  subscription_deleted: 'The subscription was deleted before the delivery.',
  cancelled: 'A user cancelled it.',
  skipped: 'The subscription was resumed without the events that it had missed.',
  content_expired:
    'It was still waiting when its content reached the end of the tenant’s retention. Fix the endpoint or resume the subscription for the events that follow.',
  erased: 'Its visitor was erased before the delivery.',
}

/** Explains to end users why an event does not match this subscription; null when it matches. */
export const explainMismatch = (subscription: Subscription, event: VisitEvent): string | null => {
  const { eventTypes, filter = {}, id } = subscription
  if (isOperational(event.type) && event.data['subscriptionId'] === id)
    return 'The event is about this subscription, and a subscription does not receive events about itself.'
  if (!eventTypes.some(pattern => matchesType(pattern, event.type)))
    return `The subscription lists ${eventTypes.join(', ')}; the event’s type is ${event.type}.`
  for (const [field, allowed] of Object.entries(filter)) {
    const value = comparable(event.data[field])
    if (allowed.some(each => each === value)) continue
    return `The subscription’s filter requires ${field} to be one of: ${allowed.join(', ')}. The event has another value.`
  }
  return null
}
