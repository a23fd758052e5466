import type { Attempt, Delivery } from '../../src/domain/delivery.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Subscription } from '../../src/domain/subscription.ts'

/** An attempt to make, with the subscription's current settings. */
export interface AttemptOrder {
  readonly delivery: Delivery
  readonly subscription: Subscription
  /** From 1. */
  readonly number: number
  /** Whether the receiver was healthy when the attempt was ordered, for the metrics. */
  readonly receiverHealthy: boolean
}

export interface AttemptResult {
  readonly attempt: Attempt
  readonly outcome: Outcome
}
