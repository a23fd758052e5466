import type { Delivery } from '../../src/domain/delivery.ts'
import type { VisitEvent } from '../../src/domain/event.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { VisitMessage } from '../../src/domain/visit-message.ts'

/** The process span of one message. It travels with the message, because RxJS loses the active context across schedulers. */
export interface MessageSpan {
  readonly traceparent: string
  /** Adds the event's ids, as soon as they are known. */
  identify(event: VisitEvent): void
  end(result: 'acknowledged' | 'handed_back' | 'kept_aside'): void
}

/** A message that is a valid event. */
export interface Arrived {
  readonly message: VisitMessage
  readonly event: VisitEvent
  readonly span: MessageSpan
}

export interface Offer {
  readonly subscription: Subscription
  readonly delivery: Delivery
}

/** An event with the deliveries that have no row yet. */
export interface Planned extends Arrived {
  /** Whether any subscription matches, delivered or not. */
  readonly matched: boolean
  readonly offers: readonly Offer[]
}
