import type { Delivery } from '../../src/domain/delivery.ts'
import type { VisitEvent } from '../../src/domain/event.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs } from '../../src/domain/time.ts'

/** A message of the VISITS stream, as a partition sees it. Exactly one of `ack`, `handBack` and `discard` ends it. */
export interface VisitMessage {
  readonly partition: number
  readonly tenant: string
  readonly type: string
  readonly sequence: number
  /** When the stream accepted it. */
  readonly at: EpochMs
  /** True when, with this message, everything has come that the last reader had in hand. */
  readonly caughtUp: boolean
  /** How often it was delivered before. */
  readonly redeliveries: number
  readonly traceparent: string | null
  /** The body. Throws Failure `not_utf8`. */
  text(): string
  readonly rawBytes: Uint8Array
  ack(): void
  /** Tells the stream that the work goes on: the ack wait begins anew. */
  working(): void
  handBack(delayMs?: number): void
  discard(reason: string): void
}

/** The process span of one message, carried in the value since RxJS loses context across schedulers. */
export interface Hop {
  readonly traceparent: string
  /** Which event it is, as soon as that is known. */
  identify(event: VisitEvent): void
  end(result: 'acknowledged' | 'handed_back' | 'kept_aside'): void
}

/** A message that was read and understood. */
export interface Arrived {
  readonly message: VisitMessage
  readonly event: VisitEvent
  readonly hop: Hop
}

export interface Offer {
  readonly subscription: Subscription
  readonly delivery: Delivery
}

/** An event with the deliveries that nobody has made yet. */
export interface Planned extends Arrived {
  /** Whether any subscription wants it, delivered already or not. */
  readonly matched: boolean
  readonly offers: readonly Offer[]
}
