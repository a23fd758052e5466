import type { Delivery } from '../../domain/delivery.ts'
import type { VisitEvent } from '../../domain/event.ts'
import { explainDelivery, explainMismatch } from '../../domain/explain.ts'
import { isYounger, type Subscription } from '../../domain/subscription.ts'
import type { EpochMs } from '../../domain/time.ts'

/** The outcome of an event at one subscription, with the reason. */
export interface Verdict {
  readonly subscriptionId: string
  readonly url: string
  readonly outcome: Delivery['status'] | 'not_matched' | 'unknown'
  readonly explanation: string
}

/** The place of an event in the stream, and when it was accepted. */
export interface Accepted {
  readonly sequence: number
  readonly at: EpochMs
}

/** Explains for every subscription of a tenant whether an event was delivered. `event` is null when its content is no longer kept. */
export const whyOf = (
  subscriptions: readonly Subscription[],
  rows: readonly Delivery[],
  event: VisitEvent | null,
  accepted: Accepted,
  now: EpochMs,
): Verdict[] =>
  subscriptions.map(subscription => {
    const { id: subscriptionId, url } = subscription
    const row = rows.find(each => each.subscriptionId === subscriptionId)
    if (row !== undefined) return { subscriptionId, url, outcome: row.status, explanation: explainDelivery(row, now) }
    return { subscriptionId, url, ...withoutRow(subscription, event, accepted) }
  })

const withoutRow = (
  subscription: Subscription,
  event: VisitEvent | null,
  { at, sequence }: Accepted,
): Pick<Verdict, 'outcome' | 'explanation'> => {
  const { createdAt, createdSequence, updatedAt } = subscription
  // Subscriptions of earlier versions know no place in the stream.
  if (createdSequence === undefined ? createdAt > at : isYounger(subscription, sequence))
    return {
      outcome: 'not_matched',
      explanation: 'The subscription was created after the event. A replay of missing events sends it.',
    }
  if (event === null)
    return {
      outcome: 'unknown',
      explanation: 'It was not sent. The reason is not known, as the event’s content is no longer kept.',
    }
  const mismatch = explainMismatch(subscription, event)
  if (mismatch !== null) return { outcome: 'not_matched', explanation: mismatch }
  if (updatedAt > at)
    return {
      outcome: 'not_matched',
      explanation:
        'The subscription was changed after the event, and matches only since then. A replay of missing events sends it.',
    }
  return { outcome: 'unknown', explanation: 'It matches, and is not in the log yet. Look again in a moment.' }
}
