import { attributes } from '../../../observability/names.ts'
import { series } from '../prometheus/series.ts'
import { choice, dashboard, typed } from './dashboard.ts'
import { toSubscription } from './links.ts'
import { figure, traces, trend } from './panels.ts'
import { named, perSecond, total } from './queries.ts'

const one = { tenant: '$tenant' }

/** One tenant: its events, and the attempts for its subscriptions. */
export const tenantDashboard = dashboard({
  uid: 'doorbell-tenant',
  title: 'Doorbell: one tenant',
  about:
    'Each process has series for its 500 busiest tenants and subscriptions. `_OTHER` stands for the tenant’s other subscriptions.',
  variables: [
    choice('tenant', 'Tenant', 'tenantEvents', 'tenant'),
    typed('service', 'Service in Jaeger', 'doorbell-worker'),
  ],
  rows: [
    {
      title: 'Health',
      panels: [
        figure(
          {
            title: 'Events that were not accepted',
            about: 'Share of its events in the last five minutes',
            unit: 'percentunit',
            width: 8,
          },
          `(sum(rate(${series('tenantEvents', { ...one, publishResult: 'failed' })}[5m])) or vector(0)) / (sum(rate(${series('tenantEvents', one)}[5m])) > 0)`,
          { amber: 0.001, red: 0.01 },
        ),
        figure(
          {
            title: 'Failed attempts',
            about: 'Share of attempts in the last five minutes',
            unit: 'percentunit',
            width: 8,
          },
          `sum(rate(${series('subscriptionAttempts', { ...one, attemptResult: 'failed' })}[5m])) / (sum(rate(${series('subscriptionAttempts', one)}[5m])) > 0)`,
          { amber: 0.05, red: 0.5 },
        ),
        figure(
          {
            title: 'Circuits open',
            about: 'Subscriptions of the tenant with an open circuit',
            unit: 'short',
            width: 8,
          },
          `count(${series('subscriptionCircuit', one)} == 2) or vector(0)`,
          { amber: 1, red: 3 },
        ),
      ],
    },
    {
      title: 'Events and attempts',
      panels: [
        trend(
          {
            title: 'Events by result',
            about: 'Its events by what the stream answered',
            unit: 'eps',
            width: 8,
            stacked: true,
          },
          { [named('publishResult')]: perSecond('tenantEvents', one, ['publishResult']) },
        ),
        trend(
          {
            title: 'Attempts by subscription',
            about: 'Click a series to open the subscription’s dashboard',
            unit: 'eps',
            width: 8,
            stacked: true,
            link: toSubscription,
          },
          { [named('subscription')]: perSecond('subscriptionAttempts', one, ['tenant', 'subscription']) },
        ),
        trend(
          {
            title: 'Failed attempts by subscription',
            about: 'Click a series to open the subscription’s dashboard',
            unit: 'eps',
            width: 8,
            link: toSubscription,
          },
          {
            [named('subscription')]: perSecond('subscriptionAttempts', { ...one, attemptResult: 'failed' }, [
              'tenant',
              'subscription',
            ]),
          },
        ),
        trend(
          {
            title: 'In flight by subscription',
            about: 'Click a series to open the subscription’s dashboard',
            unit: 'short',
            width: 12,
            link: toSubscription,
          },
          { [named('subscription')]: total('subscriptionInFlight', one, ['tenant', 'subscription']) },
        ),
        traces(
          { title: 'Failed attempts', about: 'From Jaeger', width: 12 },
          `${attributes.tenant}=$tenant error=true`,
        ),
      ],
    },
  ],
})
