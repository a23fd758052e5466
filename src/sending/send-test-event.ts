import { type Delivery, withAttempt } from '../domain/delivery.ts'
import type { Subscription } from '../domain/subscription.ts'
import type { SendAttempt } from './send-attempt.ts'
import { isDelivered } from './traced-post.ts'

/** Makes the one attempt of a test delivery at once, whatever holds the subscription's other deliveries, and returns the final row. */
export const createSendTestEvent =
  (send: SendAttempt) =>
  async (delivery: Delivery, subscription: Subscription): Promise<Delivery> => {
    const { attempt, outcome } = await send({ delivery, subscription, number: 1, receiverHealthy: true })
    const { body: _, ...row } = withAttempt(delivery, attempt)
    return {
      ...row,
      ...(isDelivered(outcome) ? { status: 'delivered' } : { status: 'dead', reason: 'exhausted' }),
      nextAttemptAt: null,
      revision: 1,
      updatedAt: Date.now(),
    }
  }
