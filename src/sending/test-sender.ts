import { type Delivery, withAttempt } from '../domain/delivery.ts'
import { meaningOf } from '../domain/outcome.ts'
import type { Subscription } from '../domain/subscription.ts'
import { tracedAttempt } from '../service/traced-ports.ts'
import type { WorkerParts } from '../service/worker-parts.ts'
import { loggedAttempt } from '../service/supervisor-ports.ts'

/** Makes the one attempt of a test delivery, at once and past every gate, and answers with its final row. */
export const createTestSender = (parts: WorkerParts) => {
  const attempt = tracedAttempt(loggedAttempt(parts))
  return async (delivery: Delivery, subscription: Subscription): Promise<Delivery> => {
    const { attempt: made, outcome } = await attempt({ delivery, subscription, number: 1, receiverHealthy: true })
    const { body: _, ...row } = withAttempt(delivery, made)
    const delivered = meaningOf(outcome).verdict === 'delivered'
    return {
      ...row,
      ...(delivered ? { status: 'delivered' } : { status: 'dead', reason: 'exhausted' }),
      nextAttemptAt: null,
      revision: 1,
      updatedAt: Date.now(),
    }
  }
}
