import test, { type ExecutionContext } from 'ava'
import { type Long, MongoClient } from 'mongodb'
import { alerts } from '../../tools/dashboards/prometheus/alerts.ts'
import {
  objectives,
  oldest,
  oldestOwn,
  oldestReceiver,
  recordOf,
  windows,
} from '../../tools/dashboards/prometheus/objectives.ts'
import { dashboards } from '../../tools/dashboards/grafana/all.ts'
import { attributeShapes, metricShapes } from '../../observability/names.ts'
import type { AttributeShape, MetricShape } from '../../observability/catalogue/shapes.ts'
import { prometheusName, sanitized } from '../../observability/prometheus-names.ts'
import { startEmbedded } from '../../src/embedded/embedded.ts'
import { checkIn, rowWhen, subscribe } from '../support/doorbell.ts'
import { hasPromtool, promtool } from './promtool.ts'
import { exposedIn, labelsShown, namesIn } from './promql.ts'
import { samplesOf, scrape } from './samples.ts'
import { startReceiver } from '../support/receiver.ts'
import { type ServiceProcess, startProcess, temporaryFolder } from '../support/service-process.ts'
import { until } from '../support/until.ts'

const recorded: ReadonlyMap<string, string> = new Map([
  ...objectives.flatMap(objective =>
    windows.map(window => [recordOf(objective, window), objective.badShare(window)] as const),
  ),
  [oldest.own, oldestOwn],
  [oldest.receiver, oldestReceiver],
])

/** All values under this key, at any depth. */
const valuesOf = (key: string, value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === key && typeof inner === 'string' ? [inner] : valuesOf(key, inner),
  )
}

const panelExpressions = dashboards.flatMap(dashboard => valuesOf('expr', dashboard))
const shown = dashboards.flatMap(dashboard => [...valuesOf('legendFormat', dashboard), ...valuesOf('url', dashboard)])
const choices = dashboards
  .flatMap(dashboard => valuesOf('query', dashboard))
  .flatMap(query => [/^label_values\((.*), (\w+)\)$/.exec(query) ?? []])
  .filter(found => found.length > 0)
const expressions = [...recorded.values(), ...alerts.map(({ expr }) => expr), ...panelExpressions]

/** Series of Prometheus itself and of recording rules. */
const known: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['up', new Set()],
  ['ALERTS', new Set(['alertname', 'alertstate', 'severity', 'window'])],
  ...[...recorded.keys()].map(name => [name, new Set<string>()] as const),
])
const ofEverySeries: ReadonlySet<string> = new Set(['job', 'instance'])

const whenThereIsPromtool = hasPromtool() ? test : test.skip

whenThereIsPromtool('Prometheus can read every expression of the dashboards', t => {
  t.true(panelExpressions.length > 60)
  const rules = panelExpressions.map((expr, index) => ({
    record: `dashboard:expression_${index}`,
    expr: expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, 'value'),
  }))
  const { ok, said } = promtool(['check', 'rules'], { 'dashboards.yml': { groups: [{ name: 'dashboards', rules }] } })
  t.true(ok, said)
})

/** Makes deliveries that succeed, fail, are retried, die, are held by a pause and an open circuit, and are refused. */
const live = async (t: ExecutionContext, doorbell: ServiceProcess): Promise<void> => {
  const post = async (tenant: string, count = 1): Promise<string[]> => {
    const ids: string[] = []
    for (let each = 0; each < count; each += 1) {
      const path = `/v1/tenants/${tenant}/events`
      const { body } = await doorbell.call<{ id: string }>('POST', path, checkIn({ visitId: `visit-${each}` }))
      ids.push(body.id)
    }
    return ids
  }
  const well = await startReceiver(t)
  const failing = await startReceiver(t, () => 500)
  const gone = await startReceiver(t, () => 410)
  const good = await subscribe(doorbell, well.url, {}, 'good')
  const bad = await subscribe(doorbell, failing.url, {}, 'bad')
  const last = await subscribe(doorbell, failing.url, { retry: { delaysMs: [100] } }, 'last')
  const left = await subscribe(doorbell, gone.url, { retry: { delaysMs: [100, 100, 60_000] } }, 'left')
  const paused = await subscribe(doorbell, well.url, {}, 'paused')
  await doorbell.call('POST', `/v1/tenants/paused/subscriptions/${paused.id}/pause`)
  const refused = await doorbell.call<{ code: string }>('POST', '/v1/tenants/good/subscriptions', {
    url: 'http://10.0.0.1/',
    eventTypes: ['visit.*'],
  })
  t.is(refused.body.code, 'url_refused')
  const rowOf = ([id]: string[], subscription: { id: string }) => `${id}.${subscription.id}`
  const is = (wanted: string) => (row: { status: string; reason?: string }) =>
    `${row.status} ${row.reason ?? ''}`.trim() === wanted
  await rowWhen(doorbell, rowOf(await post('good'), good), is('delivered'), 'good')
  await rowWhen(doorbell, rowOf(await post('last'), last), is('dead exhausted'), 'last')
  await rowWhen(doorbell, rowOf(await post('paused'), paused), is('held paused'), 'paused')
  await post('left')
  await subscriptionWhen(doorbell, 'left', left.id, ({ status: now }) => now === 'disabled')
  await rowWhen(doorbell, rowOf(await post('bad', 12), bad), is('pending'), 'bad')
  await subscriptionWhen(doorbell, 'bad', bad.id, ({ circuit }) => circuit === 'open')
  await rowWhen(doorbell, rowOf(await post('bad'), bad), is('held circuit_open'), 'bad')
}

type Shown = Readonly<Record<string, unknown>>

const subscriptionWhen = ({ call }: ServiceProcess, tenant: string, id: string, wanted: (body: Shown) => boolean) =>
  until(
    () => call<Shown>('GET', `/v1/tenants/${tenant}/subscriptions/${id}`),
    ({ body }) => wanted(body),
  )

/** Kills the cursors that the service follows changes with: its next command for one of them fails, and it opens another. */
const killCursors = async (url: string): Promise<void> => {
  const client = new MongoClient(url)
  const open = await client
    .db('admin')
    .aggregate<{ cursor: { cursorId: Long } }>([
      { $currentOp: { idleCursors: true } },
      { $match: { ns: 'doorbell.subscriptions', 'cursor.tailable': true } },
    ])
    .toArray()
  const cursors = open.map(({ cursor }) => cursor.cursorId)
  await client.db('doorbell').command({ killCursors: 'subscriptions', cursors })
  await client.close()
}

/** Metrics as soon as they show the latest events and a failed export. Figures of the servers are up to 30 s old. */
const scrapeAll = (doorbell: ServiceProcess): Promise<string> => {
  const wanted = [
    'webhook_delivery_reason="circuit_open"} ',
    'webhook_telemetry_result="failed"',
    'webhook_circuit_state{webhook_circuit_state="open"} 1',
    'db_operation_name="getMore"',
  ]
  return until(
    () => scrape(doorbell),
    text => wanted.every(each => text.includes(each)),
    3_000,
  )
}

test('every metric and label of the catalogue, the rules and the dashboards is exposed by a running service', async t => {
  t.timeout(120_000)
  const dataDir = await temporaryFolder(t)
  const progress = () => undefined
  const servers = await startEmbedded({
    dataDir,
    sync: 'interval',
    nats: false,
    mongodb: true,
    progress,
    onExit: t.log,
  })
  t.teardown(servers.stop)
  const mongodbUrl = servers.mongodbUrl ?? ''
  const doorbell = await startProcess({
    DOORBELL_DATA_DIR: await temporaryFolder(t),
    DOORBELL_METRICS_PORT: '0',
    MONGODB_URL: mongodbUrl,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
  })
  t.teardown(() => doorbell.child.kill('SIGKILL'))
  await killCursors(mongodbUrl)
  await live(t, doorbell)
  const text = await scrapeAll(doorbell)
  const exposed = exposedIn(text)
  const named = text.split('\n').flatMap(line => /^(\w.*) \S+$/.exec(line)?.[1] ?? [])
  t.is(new Set(named).size, named.length, 'each series is there once')
  const labelsOf = (metric: string) => exposed.get(metric) ?? known.get(metric)

  for (const shape of Object.values<MetricShape>(metricShapes)) {
    const name = prometheusName(shape)
    const labels = exposed.get(shape.kind === 'histogram' ? `${name}_count` : name)
    if (labels === undefined) {
      t.true(shape.sometimes, `${name} is in the catalogue and not exposed`)
      continue
    }
    const described = shape.attributes.map(key => sanitized(attributeShapes[key as keyof typeof attributeShapes].name))
    t.deepEqual([...labels].toSorted(), described.toSorted(), name)
  }

  const samples = [...exposed.keys()].flatMap(metric => samplesOf(text, metric))
  for (const { name, values } of Object.values<AttributeShape>(attributeShapes))
    if (values !== undefined)
      for (const { labels } of samples) {
        const value = labels[sanitized(name)]
        t.true(value === undefined || values.includes(value), `${name}: the catalogue lacks ${value}`)
      }

  for (const expr of expressions) {
    const { selectors, grouped } = namesIn(expr)
    for (const { metric, labels } of selectors) {
      const there = labelsOf(metric)
      t.truthy(there, `${metric} is not exposed: ${expr}`)
      for (const label of labels)
        t.true(there?.has(label) === true || ofEverySeries.has(label), `${metric} has no ${label}: ${expr}`)
    }
    const all = new Set(selectors.flatMap(({ metric }) => [...(labelsOf(metric) ?? [])]))
    for (const label of grouped) t.true(all.has(label) || ofEverySeries.has(label), `nothing has ${label}: ${expr}`)
  }

  const anywhere = new Set([...exposed.values()].flatMap(labels => [...labels]))
  for (const each of shown)
    for (const label of labelsShown(each)) t.true(anywhere.has(label) || ofEverySeries.has(label), `${label}: ${each}`)
  for (const [, selector = '', label = ''] of choices)
    for (const { metric } of namesIn(selector).selectors) t.true(labelsOf(metric)?.has(label), `${metric} ${label}`)
})
