import { attributeShapes } from '../../observability/catalogue/attributes.ts'
import { backlogMetrics } from '../../observability/catalogue/backlog-metrics.ts'
import { deliveryMetrics } from '../../observability/catalogue/delivery-metrics.ts'
import { processMetrics } from '../../observability/catalogue/process-metrics.ts'
import { serverMetrics } from '../../observability/catalogue/server-metrics.ts'
import type { AttributeShape, MetricShape } from '../../observability/catalogue/shapes.ts'
import { spanShapes } from '../../observability/catalogue/spans.ts'
import { subscriptionMetrics } from '../../observability/catalogue/subscription-metrics.ts'
import { prometheusName, sanitized } from '../../observability/prometheus-names.ts'
import { environmentSection } from './environment-table.ts'

const introduction = `# Spans and metrics

\`npm run generate\` writes this page from \`observability/catalogue/\`, where the code takes every name from. Change the catalogue, not this page. Names follow
the OpenTelemetry semantic conventions 1.44; Doorbell's own names begin with \`webhook.\`. No attribute holds a visitor's name, address or phone number.

- **OTLP**: \`OTEL_EXPORTER_OTLP_ENDPOINT\` sends spans and metrics to a collector.
- **Prometheus**: \`DOORBELL_METRICS_PORT\` serves \`/metrics\` on a port of its own, in every role. It needs no token, so let only Prometheus reach it.

Names in Prometheus end with their unit and, for counters, with \`_total\`, as a collector writes them. A histogram has \`_bucket\`, \`_sum\` and \`_count\`.
Gauges are read at collection. NATS and MongoDB are asked at most every ten seconds (every thirty for waiting rows) and have two seconds to answer; without an answer
their series are left out. The owner of partition 0 reports the "fleet-wide" figures, and a partition's owner reports the partition's. When you query over processes,
sum the figures of single processes and take the highest of fleet-wide ones.`

const cell = (text: string) => text.replaceAll('|', '\\|')
const code = (text: string) => `\`${text}\``
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map(row => `| ${row.map(cell).join(' | ')} |`).join('\n')

const nameOf = (key: string) => attributeShapes[key as keyof typeof attributeShapes].name

const spans = () =>
  table(
    ['span', 'kind', 'meaning', 'attributes'],
    [
      [
        '`METHOD /route`',
        'SERVER',
        'One request to the API, named by its route. Its parent is the caller’s `traceparent`',
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

/** docs/telemetry.md: every span, attribute and metric. */
export const telemetryPage = (): string =>
  `${[
    introduction,
    '## Spans',
    spans(),
    '## Metrics: the steps of a check-in',
    metrics(deliveryMetrics),
    '## Metrics: backlog and workers',
    metrics(backlogMetrics),
    '## Metrics: subscriptions and tenants',
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
