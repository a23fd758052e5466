import type { Delivery, DeliveryReason } from './delivery.ts'
import { isOperational, type VisitEvent } from './event.ts'
import type { EpochMs } from './time.ts'
import { comparable, matchesType, type Subscription } from './subscription.ts'

/** Why a delivery is as it is, in an end user's words. */
export const explainDelivery = ({ status, reason, nextAttemptAt, attempts }: Delivery, now: EpochMs): string => {
  const last = attempts.at(-1)
  // What is due already waits for something else, which the subscription's own state tells.
  const later = nextAttemptAt !== null && nextAttemptAt > now
  const next = later ? ` It is tried again at ${new Date(nextAttemptAt).toISOString()}.` : ''
  if (status === 'delivered') return `The endpoint took it at attempt ${last?.number ?? 1}.`
  const words = reason === undefined ? '' : reasons[reason]
  const failed = last?.detail === undefined ? '' : ` Last attempt: ${last.detail}`
  if (status === 'pending') return `${words || 'It is on its way.'}${failed}${next}`
  return `${words}${failed}`
}

const reasons: Readonly<Record<DeliveryReason, string>> = {
  over_capacity: 'It waits: the endpoint has as many requests under way as it can take.',
  rate_limited: 'It waits: the subscription’s rate limit lets no more through just now.',
  retry_after: 'It waits: the endpoint asked us to come later.',
  circuit_open: 'It waits: the endpoint fails, and is tried again with the oldest event first. No attempt is lost.',
  paused: 'It waits: the subscription is paused. Resume it to have this sent.',
  disabled: 'It waits: the subscription was disabled. Mend the endpoint and resume it to have this sent.',
  waiting_turn: 'It waits for an earlier event of the same visit.',
  own_fault: 'Doorbell could not finish the attempt for a reason of its own; it counts for nothing.',
  resent: 'A user sends it again.',
  replay: 'A replay sends it.',
  exhausted: 'Every attempt of the retry policy failed. Mend the endpoint and send it again.',
  expired: 'It was not delivered within the time that the subscription allows.',
  subscription_deleted: 'The subscription was deleted before it was delivered.',
  cancelled: 'A user cancelled it.',
  skipped: 'The subscription was resumed without what it had missed.',
  content_expired:
    'It waited until its content was no longer kept (the tenant’s retention), so it was given up. Mend or resume the endpoint for those that follow.',
  erased: 'Its visitor was erased before it was delivered.',
}

/** Why an event is none for this subscription, in an end user's words; null when it is one. */
export const explainMismatch = (subscription: Subscription, event: VisitEvent): string | null => {
  const { eventTypes, filter = {}, id } = subscription
  if (isOperational(event.type) && event.data['subscriptionId'] === id)
    return 'It is told of this very subscription, and what is told of one is not sent to itself.'
  if (!eventTypes.some(pattern => matchesType(pattern, event.type)))
    return `It subscribes to ${eventTypes.join(', ')}; this is ${event.type}.`
  for (const [field, allowed] of Object.entries(filter)) {
    const value = comparable(event.data[field])
    if (allowed.some(each => each === value)) continue
    return `Its filter wants ${field} to be one of: ${allowed.join(', ')}. This event has another.`
  }
  return null
}
