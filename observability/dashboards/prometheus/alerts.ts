import { byDependency, burnRates, type Objective, objectives, oldest, recordOf } from './objectives.ts'
import { label, type Matchers, series } from './series.ts'

export interface Alert {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: 'page' | 'ticket'; readonly [label: string]: string }
  readonly annotations: { readonly summary: string; readonly runbook_url: string }
}

/** Where an alert is explained: a heading of the runbook. */
const runbookUrl = (alert: string) => `observability/README.md#${alert.toLowerCase()}`

interface Cause {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly severity: 'page' | 'ticket'
  readonly summary: string
}

const circuitsBy = (matchers: Matchers = {}) => `max by (${label('circuitState')}) (${series('circuits', matchers)})`
const notClosed = `sum(${circuitsBy({ circuitState: '!closed' })})`

/** Few, and each about something that nobody else mends: receivers' troubles are told to their owners by Doorbell itself. */
const causes: readonly Cause[] = [
  {
    alert: 'EventsWaitForUs',
    expr: `${oldest.own} > 120`,
    for: '2m',
    severity: 'page',
    summary: 'The oldest event that waits on our account is {{ $value | humanizeDuration }} old',
  },
  {
    alert: 'EventsWaitForReceivers',
    expr: `${oldest.receiver} > 86400`,
    for: '15m',
    severity: 'ticket',
    summary: 'A receiver has not taken an event for {{ $value | humanizeDuration }}; after about 72 h it is given up',
  },
  {
    alert: 'ProcessGone',
    expr: 'up{job="doorbell"} == 0 or absent(up{job="doorbell"})',
    for: '2m',
    severity: 'page',
    summary: 'Prometheus cannot reach {{ or $labels.instance "any process of Doorbell" }}',
  },
  {
    alert: 'PartitionsWithoutOwner',
    expr: `sum(${series('partitionsOwned')}) < max(${series('partitions')})`,
    for: '1m',
    severity: 'page',
    summary: 'Workers own {{ $value }} partitions in all, which is not every one: some tenants get nothing',
  },
  {
    alert: 'ServerUnreachable',
    expr: `min ${byDependency} (${series('dependencyUp')}) == 0`,
    for: '1m',
    severity: 'page',
    summary: `A process cannot reach {{ $labels.${label('dependency')} }}`,
  },
  {
    alert: 'OwnFaultsOnAttempts',
    expr:
      `sum(rate(${series('attemptDuration', { outcome: 'own_fault' }, '_count')}[5m]))` +
      ` / sum(rate(${series('attemptDuration', {}, '_count')}[5m])) > 0.05`,
    for: '5m',
    severity: 'page',
    summary: '{{ $value | humanizePercentage }} of attempts fail for a reason of our own: resolver, sockets, keys',
  },
  {
    alert: 'CircuitsOpen',
    // A sick receiver's circuit is half-open now and then: what counts is that it is not closed.
    expr: `${notClosed} / sum(${circuitsBy()}) > 0.25 and ${notClosed} >= 5`,
    for: '10m',
    severity: 'page',
    summary:
      '{{ $value | humanizePercentage }} of all circuits are not closed: many receivers at once means that it may be us',
  },
  {
    alert: 'DeadLetters',
    expr:
      `sum by (${label('deliveryReason')}) (increase(${series('deliveryOutcomes', { deliveryStatus: 'dead', deliveryReason: '!expired' })}[1h]))` +
      ' > 0',
    for: '0m',
    severity: 'ticket',
    summary: `{{ $value | humanize }} deliveries were given up within the hour ({{ $labels.${label('deliveryReason')} }})`,
  },
  {
    alert: 'MessagesKeptAside',
    expr: `sum(increase(${series('keptAside')}[1h])) > 0`,
    for: '0m',
    severity: 'ticket',
    summary: '{{ $value | humanize }} messages of the stream could not be worked on within the hour',
  },
  {
    alert: 'EventLoopLate',
    expr: `max by (instance) (${series('eventLoopDelay', { quantile: 'p99' })}) > 0.25`,
    for: '5m',
    severity: 'ticket',
    summary: 'The event loop of {{ $labels.instance }} is {{ $value | humanizeDuration }} late: it has too much to do',
  },
  {
    alert: 'KeyRotationOverdue',
    expr: `max(${series('signingKeyAge')}) > max(${series('signingKeyLifetime')}) + 86400`,
    for: '10m',
    severity: 'ticket',
    summary: 'The signing key has signed for {{ $value | humanizeDuration }}, a day longer than it should',
  },
  {
    alert: 'TelemetryExportFails',
    expr:
      `sum by (${label('signal')}) (rate(${series('exports', { exportResult: 'failed' })}[10m]))` +
      ` / sum by (${label('signal')}) (rate(${series('exports')}[10m])) > 0.5`,
    for: '15m',
    severity: 'ticket',
    summary: `The collector takes {{ $value | humanizePercentage }} of the {{ $labels.${label('signal')} }} not`,
  },
  {
    alert: 'RetentionStuck',
    expr: `max(${series('retentionAge')}) > 3 * 3600`,
    for: '10m',
    severity: 'ticket',
    summary: 'A worker’s last complete round of retention was {{ $value | humanizeDuration }} ago',
  },
  {
    alert: 'ErasureStuck',
    expr: `max(${series('erasureAge')}) > 6 * 3600`,
    for: '10m',
    severity: 'ticket',
    summary: 'A visitor’s erasure has not ended for {{ $value | humanizeDuration }}',
  },
]

const asRule = ({ alert, expr, for: hold, severity, summary }: Cause): Alert => ({
  alert,
  expr,
  ...(hold === '0m' ? {} : { for: hold }),
  labels: { severity },
  annotations: { summary, runbook_url: runbookUrl(alert) },
})

export const causeAlerts: readonly Alert[] = causes.map(asRule)

/** Both windows must burn: the long one says that it matters, the short one that it still goes on. */
export const burnAlertsOf = (objective: Objective): Alert[] =>
  burnRates.map(({ factor, long, short, severity, budget }) => {
    const limit = `${factor} * ${Number((1 - objective.target).toFixed(6))}`
    return {
      alert: objective.alert,
      expr: `${recordOf(objective, long)} > ${limit} and ${recordOf(objective, short)} > ${limit}`,
      labels: { severity, window: long },
      annotations: {
        summary: `${objective.promise}: {{ $value | humanizePercentage }} were not within ${long}, which spends ${budget} of four weeks’ budget`,
        runbook_url: runbookUrl(objective.alert),
      },
    }
  })

export const alerts: readonly Alert[] = [...objectives.flatMap(burnAlertsOf), ...causeAlerts]
