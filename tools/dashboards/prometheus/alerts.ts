import { byDependency, burnRates, type Objective, objectives, oldest, recordOf } from './objectives.ts'
import { label, type Matchers, series } from './series.ts'

export interface Alert {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: 'page' | 'ticket'; readonly [label: string]: string }
  readonly annotations: { readonly summary: string; readonly runbook_url: string }
}

/** The alert’s entry in the runbook. */
const runbookUrl = (alert: string) => `observability/README.md#${alert.toLowerCase()}`

interface Cause {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly severity: 'page' | 'ticket'
  readonly summary: string
  /** True when an unreachable server causes it too. It then stays silent while ServerUnreachable is firing. */
  readonly followsFromServer?: true
}

const circuitsBy = (matchers: Matchers = {}) => `max by (${label('circuitState')}) (${series('circuits', matchers)})`
const notClosed = `sum(${circuitsBy({ circuitState: '!closed' })})`

/**
 * Few alerts, each about a problem that needs the operator. Doorbell itself notifies the owners of failing receivers.
 */
const causes: readonly Cause[] = [
  // First, because rules are evaluated in order and others read its state.
  {
    alert: 'ServerUnreachable',
    expr: `min ${byDependency} (${series('dependencyUp')}) == 0`,
    for: '1m',
    severity: 'page',
    summary: `A process cannot reach {{ $labels.${label('dependency')} }}`,
  },
  {
    alert: 'PromiseBroken',
    expr: `max by (${label('dependency')}, ${label('requirement')}) (${series('brokenRequirements', { dependency: '!fleet' })}) > 0`,
    for: '1m',
    severity: 'page',
    summary: `{{ $labels.${label('dependency')} }} lacks something that a promise depends on ({{ $labels.${label('requirement')} }}): /readyz names it`,
  },
  {
    alert: 'DirectoryStale',
    expr: `max(${series('directoryAge')}) > 30`,
    for: '1m',
    severity: 'page',
    summary:
      'A process has not heard of changes of subscriptions for {{ $value | humanizeDuration }}: its events and attempts wait',
    followsFromServer: true,
  },
  {
    alert: 'EventsWaitForUs',
    expr: `${oldest.own} > 120`,
    for: '2m',
    severity: 'page',
    summary: 'The oldest event that only Doorbell can move has waited {{ $value | humanizeDuration }}',
    followsFromServer: true,
  },
  {
    alert: 'EventsWaitForReceivers',
    expr: `${oldest.receiver} > 86400`,
    for: '15m',
    severity: 'ticket',
    summary:
      'A receiver has not accepted an event for {{ $value | humanizeDuration }}. Doorbell gives up after about 72 h by default',
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
    // The API reads the owners from the fleet's bucket, so that it also knows of workers whose metrics nobody reads.
    expr: `sum(${series('partitionsOwned')}) < max(${series('partitions')}) or max(${series('brokenRequirements', { dependency: 'fleet' })}) > 0`,
    for: '1m',
    severity: 'page',
    summary: 'Some partitions have no worker, or are paused, and their tenants get no events: /readyz names them',
    followsFromServer: true,
  },
  {
    alert: 'OwnFaultsOnAttempts',
    expr:
      `sum(rate(${series('attemptDuration', { outcome: 'own_fault' }, '_count')}[5m]))` +
      ` / sum(rate(${series('attemptDuration', {}, '_count')}[5m])) > 0.05`,
    for: '5m',
    severity: 'page',
    summary: '{{ $value | humanizePercentage }} of attempts fail on our side: resolver, sockets, keys',
  },
  {
    alert: 'CircuitsOpen',
    // A failing receiver’s circuit is half-open now and then, so all that are not closed count.
    expr: `${notClosed} / sum(${circuitsBy()}) > 0.25 and ${notClosed} >= 5`,
    for: '10m',
    severity: 'page',
    summary:
      '{{ $value | humanizePercentage }} of all circuits are not closed. When so many receivers fail at once, the cause may be ours',
  },
  {
    alert: 'DeadLetters',
    expr:
      `sum by (${label('deliveryReason')}) (increase(${series('deliveryOutcomes', { deliveryStatus: 'dead', deliveryReason: '!expired' })}[1h]))` +
      ' > 0',
    for: '0m',
    severity: 'ticket',
    summary: `Doorbell gave up {{ $value | humanize }} deliveries within the last hour ({{ $labels.${label('deliveryReason')} }})`,
  },
  {
    alert: 'MessagesKeptAside',
    expr: `sum(increase(${series('keptAside')}[1h])) > 0`,
    for: '0m',
    severity: 'ticket',
    summary: '{{ $value | humanize }} messages of the stream were kept aside within the last hour',
  },
  {
    alert: 'VisitFlooded',
    expr: `sum(increase(${series('visitsFlooded')}[1h])) > 0`,
    for: '0m',
    severity: 'ticket',
    summary:
      '{{ $value | humanize }} visits had too many events within the last hour: a receiver may cause its own webhooks',
  },
  {
    alert: 'EventLoopLate',
    expr: `max by (instance) (${series('eventLoopDelay', { quantile: 'p99' })}) > 0.25`,
    for: '5m',
    severity: 'ticket',
    summary:
      'The event loop of {{ $labels.instance }} is {{ $value | humanizeDuration }} late: the process is overloaded',
  },
  {
    alert: 'AttemptsAtTheirLimit',
    expr: `max by (instance) (${series('inFlight')} / ${series('attemptLimit')}) > 0.8`,
    for: '5m',
    severity: 'ticket',
    summary:
      '{{ $labels.instance }} makes {{ $value | humanizePercentage }} of the attempts that its descriptors allow',
  },
  {
    alert: 'DescriptorsRunOut',
    expr: `max by (instance) (${series('openDescriptors')} / ${series('descriptorLimit')}) > 0.75`,
    for: '5m',
    severity: 'page',
    summary: '{{ $labels.instance }} has {{ $value | humanizePercentage }} of its file descriptors open',
  },
  {
    alert: 'KeyRotationOverdue',
    expr: `max(${series('signingKeyAge')}) > max(${series('signingKeyLifetime')}) + 86400`,
    for: '10m',
    severity: 'ticket',
    summary: 'The signing key has been in use for {{ $value | humanizeDuration }}, a day longer than configured',
  },
  {
    alert: 'TelemetryExportFails',
    expr:
      `sum by (${label('signal')}) (rate(${series('exports', { exportResult: 'failed' })}[10m]))` +
      ` / sum by (${label('signal')}) (rate(${series('exports')}[10m])) > 0.5`,
    for: '15m',
    severity: 'ticket',
    summary: `{{ $value | humanizePercentage }} of the exports of {{ $labels.${label('signal')} }} to the collector fail`,
  },
  {
    alert: 'RetentionStuck',
    expr: `max(${series('retentionAge')}) > 3 * 3600`,
    for: '10m',
    severity: 'ticket',
    summary: 'A worker completed its last round of retention {{ $value | humanizeDuration }} ago',
  },
  {
    alert: 'ErasureStuck',
    expr: `max(${series('erasureAge')}) > 6 * 3600`,
    for: '10m',
    severity: 'ticket',
    summary: 'The erasure of a visitor has been running for {{ $value | humanizeDuration }}',
  },
]

/** Prometheus keeps this series for an alert as long as it is firing. */
const unlessServerUnreachable = 'unless on() ALERTS{alertname="ServerUnreachable",alertstate="firing"}'

const asRule = ({ alert, expr, for: hold, severity, summary, followsFromServer }: Cause): Alert => ({
  alert,
  expr: followsFromServer === true ? `(${expr}) ${unlessServerUnreachable}` : expr,
  ...(hold === '0m' ? {} : { for: hold }),
  labels: { severity },
  annotations: { summary, runbook_url: runbookUrl(alert) },
})

export const causeAlerts: readonly Alert[] = causes.map(asRule)

/** Both windows must burn: the long one shows that it matters, the short one that it still lasts. */
export const burnAlertsOf = (objective: Objective): Alert[] =>
  burnRates.map(({ factor, long, short, severity, budget }) => {
    const limit = `${factor} * ${Number((1 - objective.target).toFixed(6))}`
    return {
      alert: objective.alert,
      expr: `${recordOf(objective, long)} > ${limit} and ${recordOf(objective, short)} > ${limit}`,
      labels: { severity, window: long },
      annotations: {
        summary: `${objective.promise}: {{ $value | humanizePercentage }} were not in the last ${long}. That rate spends ${budget} of the four weeks’ budget`,
        runbook_url: runbookUrl(objective.alert),
      },
    }
  })

export const alerts: readonly Alert[] = [...objectives.flatMap(burnAlertsOf), ...causeAlerts]
