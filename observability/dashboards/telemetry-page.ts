import { attributeShapes } from '../catalogue/attributes.ts'
import { backlogMetrics } from '../catalogue/backlog-metrics.ts'
import { deliveryMetrics } from '../catalogue/delivery-metrics.ts'
import { processMetrics } from '../catalogue/process-metrics.ts'
import { serverMetrics } from '../catalogue/server-metrics.ts'
import type { AttributeShape, MetricShape } from '../catalogue/shapes.ts'
import { spanShapes } from '../catalogue/spans.ts'
import { subscriptionMetrics } from '../catalogue/subscription-metrics.ts'
import { prometheusName, sanitized } from '../prometheus-names.ts'
import { environmentSection } from './environment-table.ts'

const introduction = `# Spans and metrics

Written by \`npm run generate\` from \`observability/catalogue/\`, which the code takes every name from; change that. Names follow the OpenTelemetry
semantic conventions 1.44; what is Doorbell's own begins with \`webhook.\`. Nothing here holds a name, an address or a phone number.

- **OTLP**: \`OTEL_EXPORTER_OTLP_ENDPOINT\` sends spans and metrics to a collector.
- **Prometheus**: \`DOORBELL_METRICS_PORT\` serves \`/metrics\` on a port of its own, in every role. No token is asked there: let only Prometheus reach it.

Names in Prometheus have their unit and, for counters, \`_total\` at the end, as a collector writes them. A histogram has \`_bucket\`, \`_sum\` and \`_count\`.
Gauges are read when somebody collects; NATS and MongoDB are asked at most every ten seconds (for waiting rows: thirty) and for two seconds at most, and what cannot be had is
left out. "Fleet-wide" figures are told by the worker that has partition 0, a partition's by its owner: sum or take the highest over processes.`

const cell = (text: string) => text.replaceAll('|', '\\|')
const code = (text: string) => `\`${text}\``
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map(row => `| ${row.map(cell).join(' | ')} |`).join('\n')

const nameOf = (key: string) => attributeShapes[key as keyof typeof attributeShapes].name

const spans = () =>
  table(
    ['span', 'kind', 'from when to when', 'attributes'],
    [
      [
        '`METHOD /route`',
        'SERVER',
        'One request to the API; named by its route, the child of the caller’s `traceparent`',
        ['httpMethod', 'httpRoute', 'httpStatus', 'errorType'].map(key => code(nameOf(key))).join(', '),
      ],
      ...Object.values(spanShapes).map(({ name, kind, meaning, attributes }) => [
        code(name),
        kind,
        meaning,
        attributes.map(key => code(nameOf(key))).join(', '),
      ]),
    ],
  )

const attributes = () =>
  table(
    ['attribute', 'label in Prometheus', 'meaning', 'values'],
    Object.values<AttributeShape>(attributeShapes).map(({ name, meaning, values = [] }) => [
      code(name),
      code(sanitized(name)),
      meaning,
      values.map(code).join(', '),
    ]),
  )

const metrics = (shapes: Readonly<Record<string, MetricShape>>) =>
  table(
    ['metric', 'in Prometheus', 'kind', 'unit', 'meaning', 'labels'],
    Object.values(shapes).map(shape => [
      code(shape.name),
      code(prometheusName(shape)),
      shape.kind,
      code(shape.unit),
      shape.meaning + (shape.boundaries === undefined ? '' : `. Buckets: ${shape.boundaries.join(', ')}`),
      shape.attributes.map(key => code(sanitized(nameOf(key)))).join(', '),
    ]),
  )

/** docs/telemetry.md: every span, attribute and metric there is. */
export const telemetryPage = (): string =>
  `${[
    introduction,
    '## Spans',
    spans(),
    '## Metrics: the way of a check-in',
    metrics(deliveryMetrics),
    '## Metrics: what waits, and who works on it',
    metrics(backlogMetrics),
    '## Metrics: one subscription, one tenant',
    'These are the only metrics with ids. Each process has series for its 500 busiest subscriptions, its 500 busiest tenants and 500 supervisors. Attempts for\n' +
      'other subscriptions count together for their tenant, with `_OTHER` as the subscription, and beyond 500 such tenants with `_OTHER` as the tenant too. Nothing\n' +
      'counts under another tenant’s id. That is at most 6,500 series. A series ends after an hour without an attempt or event, or when a clearly busier one takes\n' +
      'its place.',
    metrics(subscriptionMetrics),
    '## Metrics: NATS and MongoDB',
    metrics(serverMetrics),
    '## Metrics: the process',
    metrics(processMetrics),
    '## Attributes and labels',
    attributes(),
    environmentSection(),
  ].join('\n\n')}\n`
