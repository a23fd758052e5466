import { counter, gauge } from './metric.ts'

/**
 * The metrics for the dashboards of one subscription and one tenant, the only ones with ids. Each process reports its 500 busiest
 * subscriptions and tenants (`metrics/busiest-counts.ts`); all others count under `_OTHER`.
 */
export const subscriptionMetrics = {
  subscriptionAttempts: counter(
    'webhook.subscription.attempts',
    '{attempt}',
    'tenant',
    'subscription',
    'attemptResult',
  ).doc('Attempts for one subscription'),
  subscriptionAttemptTime: counter('webhook.subscription.attempt.time', 's', 'tenant', 'subscription').doc(
    'Total duration of a subscription’s attempts. Divided by their number it is the mean duration',
  ),
  subscriptionInFlight: gauge('webhook.subscription.inflight', '{attempt}', 'tenant', 'subscription').doc(
    'A subscription’s attempts in flight, while it has a supervisor',
  ),
  subscriptionInFlightLimit: gauge('webhook.subscription.inflight.limit', '{attempt}', 'tenant', 'subscription').doc(
    'The limit of attempts in flight that the supervisor has found for the receiver',
  ),
  subscriptionWaiting: gauge('webhook.subscription.waiting', '{delivery}', 'tenant', 'subscription').doc(
    'A subscription’s deliveries in memory that wait for a slot or a token',
  ),
  subscriptionCircuit: gauge('webhook.subscription.circuit', '{state}', 'tenant', 'subscription').doc(
    'State of a subscription’s circuit: 0 closed, 1 half-open, 2 open',
  ),
  tenantEvents: counter('webhook.tenant.events', '{event}', 'tenant', 'publishResult').doc(
    'Events of one tenant that were published to the stream',
  ),
  folded: counter('webhook.series.folded', '{use}', 'seriesOf').doc(
    'Attempts and events that count under `_OTHER`, because 500 busier subscriptions or tenants have the series of their own',
  ),
}
