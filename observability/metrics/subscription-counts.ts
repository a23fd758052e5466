import type { Attributes } from '@opentelemetry/api'
import type { Delivery } from '../../src/domain/delivery.ts'
import { attributes as a, metricShapes as shapes } from '../names.ts'
import { createBusiestCounts } from './busiest-counts.ts'
import { counter } from './instruments.ts'
import { others } from './labels.ts'
import { type Observe, onCollect } from './observed.ts'

interface Attempts {
  readonly labels: Attributes
  readonly delivered: { count: number; readonly labels: Attributes }
  readonly failed: { count: number; readonly labels: Attributes }
  tookMs: number
}

const foldedLabels = { [a.seriesOf]: 'subscription' }

const attemptsOf = (tenant: string, subscription: string): Attempts => {
  const labels = { [a.tenant]: tenant, [a.subscription]: subscription }
  return {
    labels,
    delivered: { count: 0, labels: { ...labels, [a.attemptResult]: 'delivered' } },
    failed: { count: 0, labels: { ...labels, [a.attemptResult]: 'failed' } },
    tookMs: 0,
  }
}

/**
 * Counts the attempts of the 500 busiest subscriptions. Attempts of the others count together for their tenant; and when their tenant is
 * not among the 500 busiest of those either, together for all. They never count for another subscription or tenant.
 *
 * The SDK's instruments would keep the series of a subscription that is gone for as long as the process lives.
 */
export const createSubscriptionCounts = () => {
  const subscriptions = createBusiestCounts<Attempts>()
  const restByTenant = createBusiestCounts<Attempts>()
  const rest = attemptsOf(others, others)
  const folded = counter(shapes.folded)
  folded.add(0, foldedLabels)
  const restOf = (tenant: string): Attempts => {
    folded.add(1, foldedLabels)
    return restByTenant.of(tenant, () => attemptsOf(tenant, others)) ?? rest
  }
  onCollect(observe => {
    for (const [, attempts] of subscriptions.entries()) observeAttempts(observe, attempts)
    for (const [, attempts] of restByTenant.entries()) observeAttempts(observe, attempts)
    if (rest.delivered.count + rest.failed.count > 0) observeAttempts(observe, rest)
  })
  return {
    attempted: ({ subscriptionId, tenant }: Delivery, result: 'delivered' | 'failed', tookMs: number): void => {
      const attempts = subscriptions.of(subscriptionId, () => attemptsOf(tenant, subscriptionId)) ?? restOf(tenant)
      attempts[result].count += 1
      attempts.tookMs += tookMs
    },
    /** Whether this subscription has series of its own. */
    hasSeries: subscriptions.has,
  }
}

const observeAttempts = (observe: Observe, { labels, delivered, failed, tookMs }: Attempts): void => {
  observe(shapes.subscriptionAttempts, delivered.count, delivered.labels)
  observe(shapes.subscriptionAttempts, failed.count, failed.labels)
  observe(shapes.subscriptionAttemptTime, tookMs / 1_000, labels)
}
