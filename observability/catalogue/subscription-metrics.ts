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
    meaning: 'Total duration of a subscription’s attempts. Divided by their number it is the mean duration',
    attributes: ['tenant', 'subscription'],
  },
  subscriptionInFlight: {
    name: 'webhook.subscription.inflight',
    kind: 'gauge',
    unit: '{attempt}',
    meaning: 'A subscription’s attempts in flight, while it has a supervisor',
    attributes: ['tenant', 'subscription'],
  },
  subscriptionInFlightLimit: {
    name: 'webhook.subscription.inflight.limit',
    kind: 'gauge',
    unit: '{attempt}',
    meaning: 'The limit of attempts in flight that the supervisor has found for the receiver',
    attributes: ['tenant', 'subscription'],
  },
  subscriptionWaiting: {
    name: 'webhook.subscription.waiting',
    kind: 'gauge',
    unit: '{delivery}',
    meaning: 'A subscription’s deliveries in memory that wait for a slot or a token',
    attributes: ['tenant', 'subscription'],
  },
  subscriptionCircuit: {
    name: 'webhook.subscription.circuit',
    kind: 'gauge',
    unit: '{state}',
    meaning: 'State of a subscription’s circuit: 0 closed, 1 half-open, 2 open',
    attributes: ['tenant', 'subscription'],
  },
  tenantEvents: {
    name: 'webhook.tenant.events',
    kind: 'counter',
    unit: '{event}',
    meaning: 'Events of one tenant that were published to the stream',
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
