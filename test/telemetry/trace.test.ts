import { SpanKind } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import test from 'ava'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { exporter } from '../support/telemetry.ts'
import { until } from '../support/until.ts'

const names = [
  'POST /v1/tenants/{tenant}/events',
  'send visits.in',
  'process visits',
  'attempt delivery',
  'POST',
  'record delivery',
]

test.serial(
  'one check-in is one trace: POST → send → process → attempt → client → record, each the child of the right one',
  async t => {
    const receiver = await startReceiver(t, ({ index }) => (index === 0 ? 500 : 204))
    const doorbell = await startDoorbell(t)
    const { id } = await subscribe(doorbell, receiver.url, { retry: { delaysMs: [100] }, propagateTrace: true })
    const { body } = await doorbell.call<{ id: string; traceId: string }>(
      'POST',
      '/v1/tenants/acme/events',
      checkIn({ visitId: 'visit-77' }),
    )
    const row = await rowWhen(doorbell, `${body.id}.${id}`)
    t.is(row.traceId, body.traceId)
    t.deepEqual([...new Set(row.attempts.map(({ traceId }) => traceId))], [body.traceId])

    const wanted = [...names, 'attempt delivery', 'POST', 'record delivery'].toSorted()
    const spans = await finished(body.traceId, wanted.length)
    t.deepEqual(spans.map(({ name }) => name).toSorted(), wanted)
    const one = (name: string) => spans.find(span => span.name === name) as ReadableSpan
    const all = (name: string) => spans.filter(span => span.name === name)
    const [request, send, process] = [one(names[0] ?? ''), one('send visits.in'), one('process visits')]
    t.is(request.parentSpanContext, undefined)
    t.is(send.parentSpanContext?.spanId, request.spanContext().spanId)
    t.is(process.parentSpanContext?.spanId, send.spanContext().spanId)
    t.is(process.links[0]?.context.spanId, send.spanContext().spanId)
    for (const span of [...all('attempt delivery'), ...all('record delivery')])
      t.is(span.parentSpanContext?.spanId, process.spanContext().spanId)
    const attempts = all('attempt delivery').map(span => span.spanContext().spanId)
    t.deepEqual(
      all('POST')
        .map(span => span.parentSpanContext?.spanId)
        .toSorted(),
      attempts.toSorted(),
    )
    t.deepEqual(
      [request, send, process, one('POST')].map(({ kind }) => kind),
      [SpanKind.SERVER, SpanKind.PRODUCER, SpanKind.CONSUMER, SpanKind.CLIENT],
    )
    const posts = all('POST').map(span => span.spanContext().spanId)
    t.true(posts.some(spanId => receiver.arrivals[0]?.headers['traceparent'] === `00-${body.traceId}-${spanId}-01`))
    t.is(receiver.arrivals[0]?.headers['baggage'], undefined)
  },
)

test.serial('nothing personal is in any span or log line', async t => {
  const receiver = await startReceiver(t, ({ index }) => (index === 0 ? 500 : 204))
  const doorbell = await startDoorbell(t)
  await subscribe(doorbell, receiver.url, { retry: { delaysMs: [100] } })
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn())
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ timestamp: 'yesterday' }))
  await receiver.count(2)
  const exported = exporter
    .getFinishedSpans()
    .map(({ name, attributes, events, status, links }) => JSON.stringify({ name, attributes, events, status, links }))
  for (const name of names)
    t.true(
      exported.some(text => text.includes(`"name":"${name}"`)),
      name,
    )
  for (const secret of ['Anna', 'Jansen', 'anna.jansen', 'Peeters', 'Example BV', 'whsec_', 'operator-token']) {
    t.is(
      exported.find(text => text.includes(secret)),
      undefined,
    )
    t.is(
      doorbell.lines.find(line => line.includes(secret)),
      undefined,
    )
  }
  t.true(doorbell.lines.some(line => line.includes('attempt failed') && line.includes('traceId')))
})

test.serial('a caller’s trace goes on, and a problem answer carries the trace id', async t => {
  const doorbell = await startDoorbell(t)
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const { body } = await doorbell.call('GET', '/v1/tenants/nobody/deliveries', undefined, {
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
  })
  t.like(body, { code: 'unknown_tenant', traceId })
})

/** The spans of a trace, as soon as there are so many: a row is seen before the span of its writing has ended. */
const finished = (traceId: string, count: number): Promise<ReadableSpan[]> =>
  until(
    () => exporter.getFinishedSpans().filter(span => span.spanContext().traceId === traceId),
    ({ length }) => length >= count,
  )
