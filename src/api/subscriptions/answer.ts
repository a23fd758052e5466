import type { Context } from 'koa'
import { Failure } from '../../domain/failure.ts'
import type { SubscriptionHealth } from '../../domain/health.ts'
import type { Subscription } from '../../domain/subscription.ts'
import type { Wire } from '../http/wire.ts'
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

const etagOf = ({ version }: Subscription): string => `"${version}"`

/** Refuses a change by a caller that has not seen the latest version (RFC 9110 §13.1.1). */
export const checkIfMatch = (context: Context, subscription: Subscription): void => {
  const wanted = context.get('if-match')
  if (wanted === '' || wanted === '*' || wanted.split(/\s*,\s*/).includes(etagOf(subscription))) return
  throw wanted.startsWith('W/') ? weakETag(wanted) : changedSince()
}

/** Proxies that compress an answer make its ETag weak, and a change needs a strong one. */
const weakETag = (wanted: string): Failure =>
  new Failure(
    'precondition_failed',
    `${wanted} is a weak ETag, which a proxy made of ours, most often because it compresses answers. Send it without W/, or let the proxy pass answers of /v1 unchanged.`,
  )

export const changedSince = (): Failure =>
  new Failure(
    'precondition_failed',
    'The subscription has changed since you read it. Read it again and repeat your change.',
  )
