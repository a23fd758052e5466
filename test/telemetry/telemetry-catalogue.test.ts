import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { attributeShapes, metricShapes, spanShapes } from '../../observability/names.ts'
import type { AttributeShape, MetricShape, SpanShapeEntry } from '../../observability/catalogue/shapes.ts'
import { prometheusName } from '../../observability/prometheus-names.ts'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { exporter } from '../support/telemetry.ts'

const root = join(import.meta.dirname, '../..')
const metrics = Object.values<MetricShape>(metricShapes)
const spans = Object.values<SpanShapeEntry>(spanShapes)
const attributes = Object.values<AttributeShape>(attributeShapes)

test('no two metrics have the same name, here or in Prometheus, and every label is an attribute of the catalogue', t => {
  t.is(new Set(metrics.map(({ name }) => name)).size, metrics.length)
  t.is(new Set(metrics.map(prometheusName)).size, metrics.length)
  for (const { name, attributes: keys } of [...metrics, ...spans])
    for (const key of keys) t.true(key in attributeShapes, `${name}: ${key}`)
})

test('every histogram says where its buckets end, in ascending order', t => {
  for (const { name, kind, boundaries } of metrics) {
    t.is(kind === 'histogram', boundaries !== undefined, name)
    t.deepEqual(
      boundaries,
      boundaries?.toSorted((a, b) => a - b),
      name,
    )
  }
})

test('names of the catalogue are written in it alone', t => {
  const names = [...metrics, ...attributes].map(({ name }) => name).filter(name => name.includes('.'))
  const files = globSync('{src,actors,config,observability}/**/*.ts', { cwd: root }).filter(
    file => !file.startsWith('observability/catalogue/') && !file.endsWith('.test.ts'),
  )
  t.true(files.length > 100)
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const name of names) t.false(text.includes(`'${name}'`), `${file} writes '${name}'`)
  }
})

test('spans have the names, attributes and values of the catalogue, and every attribute that it promises', async t => {
  const failing = await startReceiver(t, () => 500)
  const overloaded = await startReceiver(t, () => 503)
  const well = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, failing.url, { retry: { delaysMs: [60_000] } })
  const posted = []
  for (let visit = 0; visit < 12; visit += 1)
    posted.push(
      await doorbell.call<{ id: string }>('POST', '/v1/tenants/acme/events', checkIn({ visitId: `visit-${visit}` })),
    )
  for (const { body } of posted) await rowWhen(doorbell, `${body.id}.${id}`, ({ status }) => status !== 'delivered')
  for (const [tenant, { url }] of Object.entries({ overloaded, well })) {
    const subscription = await subscribe(doorbell, url, {}, tenant)
    const { body } = await doorbell.call<{ id: string }>('POST', `/v1/tenants/${tenant}/events`, checkIn())
    await rowWhen(doorbell, `${body.id}.${subscription.id}`, ({ attempts }) => attempts.length > 0, tenant)
  }
  await doorbell.service.stop()

  const finished = exporter.getFinishedSpans()
  for (const { name, attributes: keys } of spans) {
    const found = finished.filter(span => span.name === name)
    t.true(found.length > 0, `no span ${name}`)
    const seen = new Set(found.flatMap(span => Object.keys(span.attributes)))
    const promised = new Set(keys.map(key => attributeShapes[key as keyof typeof attributeShapes].name as string))
    for (const key of seen) t.true(promised.has(key), `${name} has ${key}, which the catalogue does not say`)
    // Only later traces have it, which begin after five minutes.
    promised.delete(attributeShapes.originTrace.name)
    for (const key of promised) t.true(seen.has(key) || key === 'error.type', `${name} lacks ${key}`)
  }

  const valuesOf = (name: string) =>
    new Set(finished.map(({ attributes: on }) => on[name]).filter(value => typeof value === 'string'))
  for (const { name, values } of attributes)
    if (values !== undefined)
      for (const value of valuesOf(name)) t.true(values.includes(value), `${name}: the catalogue lacks ${value}`)
  t.deepEqual([...valuesOf(attributeShapes.outcome.name)].toSorted(), [
    'acknowledged',
    'delivered',
    'overloaded',
    'server_error',
  ])
})
