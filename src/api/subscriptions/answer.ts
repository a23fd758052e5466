import type { Context } from 'koa'
import type { SubscriptionHealth } from '../../domain/health.ts'
import type { Subscription } from '../../domain/subscription.ts'
import type { Wire } from '../http/wire.ts'
import { etagOf } from './etag.ts'
import { showSubscription, type subscriptionAnswer } from './wire.ts'

/** The body of an answer that shows one subscription; its ETag is set. */
export const answerSubscription = (
  context: Context,
  subscription: Subscription,
  health: SubscriptionHealth | null,
  more: Partial<Wire<typeof subscriptionAnswer>> = {},
): Wire<typeof subscriptionAnswer> => {
  context.set('ETag', etagOf(subscription))
  return { ...showSubscription(subscription, health), ...more }
}
