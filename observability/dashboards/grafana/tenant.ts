import { attributes } from '../../names.ts'
import { series } from '../prometheus/series.ts'
import { choice, dashboard, typed } from './dashboard.ts'
import { toSubscription } from './links.ts'
import { figure, traces, trend } from './panels.ts'
import { named, perSecond, total } from './queries.ts'

const one = { tenant: '$tenant' }

/** One tenant: what it posts, and how its receivers take it. */
export const tenantDashboard = dashboard({
  uid: 'doorbell-tenant',
  title: 'Doorbell: one tenant',
  about:
    'Each process tells of the 500 tenants and subscriptions that were busy last; an hour without any ends a series.',
  variables: [
    choice('tenant', 'Tenant', 'tenantEvents', 'tenant'),
    typed('service', 'Service in Jaeger', 'doorbell-worker'),
  ],
  rows: [
    {
      title: 'How is it?',
      panels: [
        figure(
          {
            title: 'Events that were refused by the stream',
            about: 'Share of the last five minutes',
            unit: 'percentunit',
            width: 8,
          },
          `(sum(rate(${series('tenantEvents', { ...one, publishResult: 'failed' })}[5m])) or vector(0)) / (sum(rate(${series('tenantEvents', one)}[5m])) > 0)`,
          { amber: 0.001, red: 0.01 },
        ),
        figure(
          { title: 'Failed attempts', about: 'Share of the last five minutes', unit: 'percentunit', width: 8 },
          `sum(rate(${series('subscriptionAttempts', { ...one, attemptResult: 'failed' })}[5m])) / (sum(rate(${series('subscriptionAttempts', one)}[5m])) > 0)`,
          { amber: 0.05, red: 0.5 },
        ),
        figure(
          { title: 'Circuits open', about: 'Of its subscriptions with something to do', unit: 'short', width: 8 },
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
            about: 'What it posted, as the stream took it',
            unit: 'eps',
            width: 8,
            stacked: true,
          },
          { [named('publishResult')]: perSecond('tenantEvents', one, ['publishResult']) },
        ),
        trend(
          {
            title: 'Attempts by subscription',
            about: 'Click for one',
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
            about: 'Click for one',
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
            title: 'Under way by subscription',
            about: 'Click for one',
            unit: 'short',
            width: 12,
            link: toSubscription,
          },
          { [named('subscription')]: total('subscriptionInFlight', one, ['tenant', 'subscription']) },
        ),
        traces(
          { title: 'Its attempts that failed', about: 'In Jaeger', width: 12 },
          `${attributes.tenant}=$tenant error=true`,
        ),
      ],
    },
  ],
})
