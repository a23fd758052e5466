import { attributes } from '../../../observability/names.ts'
import { series } from '../prometheus/series.ts'
import { choice, dashboard, typed } from './dashboard.ts'
import { figure, traces, trend } from './panels.ts'
import { highest, named, perSecond, total } from './queries.ts'

/** `_OTHER` exists once for each tenant. */
const one = { tenant: '$tenant', subscription: '$subscription' }

/** One subscription: health, attempts and traces. */
export const subscriptionDashboard = dashboard({
  uid: 'doorbell-subscription',
  title: 'Doorbell: one subscription',
  about:
    'Each process has series for its 500 busiest subscriptions; the others of a tenant are `_OTHER` together. A series ends after an hour without an attempt.',
  variables: [
    choice('tenant', 'Tenant', 'subscriptionAttempts', 'tenant'),
    choice('subscription', 'Subscription', 'subscriptionAttempts', 'subscription', { tenant: '$tenant' }),
    typed('service', 'Service in Jaeger', 'doorbell-worker'),
  ],
  rows: [
    {
      title: 'Receiver health',
      panels: [
        figure(
          {
            title: 'Circuit',
            about: '0 closed, 1 half-open, 2 open. No value: the subscription has nothing to do.',
            unit: 'short',
            width: 6,
          },
          highest('subscriptionCircuit', one),
          { amber: 1, red: 2 },
        ),
        figure(
          {
            title: 'Failed attempts',
            about: 'Share of attempts in the last five minutes',
            unit: 'percentunit',
            width: 6,
          },
          `sum(rate(${series('subscriptionAttempts', { ...one, attemptResult: 'failed' })}[5m])) / (sum(rate(${series('subscriptionAttempts', one)}[5m])) > 0)`,
          { amber: 0.05, red: 0.5 },
        ),
        figure(
          { title: 'Mean duration', about: 'Of attempts in the last five minutes', unit: 's', width: 6 },
          `sum(rate(${series('subscriptionAttemptTime', one)}[5m])) / (sum(rate(${series('subscriptionAttempts', one)}[5m])) > 0)`,
          { amber: 1, red: 5 },
        ),
        figure(
          {
            title: 'Waiting in memory',
            about: 'Deliveries that wait for a slot or a token. At most 256; the rest waits in the ledger.',
            unit: 'short',
            width: 6,
          },
          total('subscriptionWaiting', one),
          { amber: 64, red: 250 },
        ),
      ],
    },
    {
      title: 'Attempts',
      panels: [
        trend(
          {
            title: 'Attempts by result',
            about: 'A 2xx answer is delivered; everything else failed',
            unit: 'eps',
            width: 12,
            stacked: true,
          },
          { [named('attemptResult')]: perSecond('subscriptionAttempts', one, ['attemptResult']) },
        ),
        trend(
          {
            title: 'Attempts in flight, and their limit',
            about: 'The limit halves after a timeout, 429 or 503, and grows with good answers',
            unit: 'short',
            width: 12,
          },
          { 'in flight': total('subscriptionInFlight', one), limit: highest('subscriptionInFlightLimit', one) },
        ),
      ],
    },
    {
      title: 'Traces',
      panels: [
        traces(
          { title: 'Latest check-ins', about: 'From Jaeger: from the POST to the receiver’s answer', width: 12 },
          `${attributes.subscription}=$subscription`,
        ),
        traces(
          { title: 'Failed attempts', about: 'From Jaeger', width: 12 },
          `${attributes.subscription}=$subscription error=true`,
        ),
      ],
    },
  ],
})
