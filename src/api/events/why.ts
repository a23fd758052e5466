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

/** An event's place in the stream, and whether everything that becomes of it was in the log before the log was read. */
export interface Progressed {
  readonly sequence: number
  readonly isProcessed: boolean
}

/** Explains for every subscription of a tenant whether an event was delivered. `event` is null when its content is no longer kept. */
export const whyOf = (
  subscriptions: readonly Subscription[],
  rows: readonly Delivery[],
  event: VisitEvent | null,
  progressed: Progressed,
  now: EpochMs,
): Verdict[] =>
  subscriptions.map(subscription => {
    const { id: subscriptionId, url } = subscription
    const row = rows.find(each => each.subscriptionId === subscriptionId)
    if (row !== undefined) return { subscriptionId, url, outcome: row.status, explanation: explainDelivery(row, now) }
    return { subscriptionId, url, ...withoutRow(subscription, event, progressed) }
  })

type Reason = Pick<Verdict, 'outcome' | 'explanation'>

const notMatched = (explanation: string): Reason => ({ outcome: 'not_matched', explanation })
const aReplay = 'A replay of missing events sends it.'
/** A replay sends what matches and is still kept. */
const created = (isSentByReplay: boolean) =>
  `The subscription was created after the event.${isSentByReplay ? ` ${aReplay}` : ''}`

/** Names a cause only where it was the cause: settings may have changed since the event was processed. */
const withoutRow = (
  subscription: Subscription,
  event: VisitEvent | null,
  { sequence, isProcessed }: Progressed,
): Reason => {
  const mismatch = event === null ? null : explainMismatch(subscription, event)
  if (isYounger(subscription, sequence)) return notMatched(created(event !== null && mismatch === null))
  if (event === null)
    return {
      outcome: 'unknown',
      explanation: 'It was not sent. The reason is not known, as the event’s content is no longer kept.',
    }
  if (mismatch !== null) return notMatched(mismatch)
  if (!isProcessed)
    return {
      outcome: 'pending',
      explanation:
        'The event was accepted and is not processed yet, or its first attempt is under way. Look again in a moment.',
    }
  const { version, createdSequence } = subscription
  // It existed and was never changed, so the event has always matched.
  if (version === 1 && createdSequence !== undefined)
    return { outcome: 'unknown', explanation: `It matches, and the log has no delivery of it. ${aReplay}` }
  const then = createdSequence === undefined ? 'did not exist yet or did not match it' : 'did not match it'
  return notMatched(`When the event was processed, the subscription ${then}; it matches now. ${aReplay}`)
}
