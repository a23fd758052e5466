import type { MetricShape } from './shapes.ts'

/**
 * The metrics for the dashboards of one subscription and one tenant, the only ones with ids. Each process reports its 500 busiest
 * subscriptions and tenants (`metrics/busiest-counts.ts`); all others count under `_OTHER`.
 */
export const subscriptionMetrics = {
  subscriptionAttempts: {
    name: 'webhook.subscription.attempts',
    kind: 'counter',
    unit: '{attempt}',
    meaning: 'Attempts for one subscription',
    attributes: ['tenant', 'subscription', 'attemptResult'],
  },
  subscriptionAttemptTime: {
    name: 'webhook.subscription.attempt.time',
    kind: 'counter',
    unit: 's',
    meaning: 'Time that its attempts took, in all: over their number it is the mean',
    attributes: ['tenant', 'subscription'],
  },
  subscriptionInFlight: {
    name: 'webhook.subscription.inflight',
    kind: 'gauge',
    unit: '{attempt}',
    meaning: 'Its attempts under way, while it has a supervisor',
    attributes: ['tenant', 'subscription'],
  },
  subscriptionInFlightLimit: {
    name: 'webhook.subscription.inflight.limit',
    kind: 'gauge',
    unit: '{attempt}',
    meaning: 'Most attempts under way that its receiver seems to bear',
    attributes: ['tenant', 'subscription'],
  },
  subscriptionWaiting: {
    name: 'webhook.subscription.waiting',
    kind: 'gauge',
    unit: '{delivery}',
    meaning: 'Its deliveries in memory that wait for a slot or a token',
    attributes: ['tenant', 'subscription'],
  },
  subscriptionCircuit: {
    name: 'webhook.subscription.circuit',
    kind: 'gauge',
    unit: '{state}',
    meaning: 'Its circuit: 0 closed, 1 half-open, 2 open',
    attributes: ['tenant', 'subscription'],
  },
  tenantEvents: {
    name: 'webhook.tenant.events',
    kind: 'counter',
    unit: '{event}',
    meaning: 'Events of one tenant that were handed to the stream',
    attributes: ['tenant', 'publishResult'],
  },
  folded: {
    name: 'webhook.series.folded',
    kind: 'counter',
    unit: '{use}',
    meaning:
      'Attempts and events that count under `_OTHER`, because 500 busier subscriptions or tenants have the series of their own',
    attributes: ['seriesOf'],
  },
} as const satisfies Record<string, MetricShape>
