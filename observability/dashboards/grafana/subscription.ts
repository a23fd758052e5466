import { attributes } from '../../names.ts'
import { series } from '../prometheus/series.ts'
import { choice, dashboard, typed } from './dashboard.ts'
import { figure, traces, trend } from './panels.ts'
import { highest, named, perSecond, total } from './queries.ts'

const one = { subscription: '$subscription' }

/** One subscription: what its owner asks about. */
export const subscriptionDashboard = dashboard({
  uid: 'doorbell-subscription',
  title: 'Doorbell: one subscription',
  about: 'Each process tells of the 500 subscriptions that were busy last; an hour without an attempt ends a series.',
  variables: [
    choice('tenant', 'Tenant', 'subscriptionAttempts', 'tenant'),
    choice('subscription', 'Subscription', 'subscriptionAttempts', 'subscription', { tenant: '$tenant' }),
    typed('service', 'Service in Jaeger', 'doorbell-worker'),
  ],
  rows: [
    {
      title: 'How is its receiver?',
      panels: [
        figure(
          {
            title: 'Circuit',
            about: '0 closed, 1 half-open, 2 open. None: it has nothing to do.',
            unit: 'short',
            width: 6,
          },
          highest('subscriptionCircuit', one),
          { amber: 1, red: 2 },
        ),
        figure(
          { title: 'Failed attempts', about: 'Share of the last five minutes', unit: 'percentunit', width: 6 },
          `sum(rate(${series('subscriptionAttempts', { ...one, attemptResult: 'failed' })}[5m])) / (sum(rate(${series('subscriptionAttempts', one)}[5m])) > 0)`,
          { amber: 0.05, red: 0.5 },
        ),
        figure(
          { title: 'Mean answer', about: 'Of the last five minutes', unit: 's', width: 6 },
          `sum(rate(${series('subscriptionAttemptTime', one)}[5m])) / (sum(rate(${series('subscriptionAttempts', one)}[5m])) > 0)`,
          { amber: 1, red: 5 },
        ),
        figure(
          {
            title: 'Waiting in memory',
            about: 'For a slot or a token; 256 at most, the rest is in the ledger',
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
            about: 'What its receiver took, and what it did not',
            unit: 'eps',
            width: 12,
            stacked: true,
          },
          { [named('attemptResult')]: perSecond('subscriptionAttempts', one, ['attemptResult']) },
        ),
        trend(
          {
            title: 'Under way, and how many its receiver bears',
            about: 'The limit halves at timeouts, 429 and 503, and grows with each answer',
            unit: 'short',
            width: 12,
          },
          { 'under way': total('subscriptionInFlight', one), limit: highest('subscriptionInFlightLimit', one) },
        ),
      ],
    },
    {
      title: 'Traces',
      panels: [
        traces(
          { title: 'Its last check-ins', about: 'In Jaeger, from the POST to its receiver’s answer', width: 12 },
          `${attributes.subscription}=$subscription`,
        ),
        traces(
          { title: 'Of those, attempts that failed', about: 'In Jaeger', width: 12 },
          `${attributes.subscription}=$subscription error=true`,
        ),
      ],
    },
  ],
})
