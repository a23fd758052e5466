import type { MetricShape } from './shapes.ts'

/**
 * What the dashboards of one subscription and one tenant need: the only metrics with ids in them. Each process tells of the 500
 * subscriptions, and the 500 tenants, that were busy last; an hour without an attempt ends a series, and what is beyond counts as `other`.
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
} as const satisfies Record<string, MetricShape>
