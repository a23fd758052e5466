import { ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { jetstream } from '@nats-io/jetstream'
import { MongoClient } from 'mongodb'
import { connect, headers } from 'nats'
import { checkIn, type Row, rowWhen, subscribe } from '../support/doorbell.ts'
import { type JaegerSpan, type JaegerTrace, named, startTestJaeger, tagOf, whenThereIsAJaeger } from './jaeger.ts'
import { startPlatform } from '../support/platform.ts'
import { startReceiver } from '../support/receiver.ts'

const w3c = new W3CTraceContextPropagator()
const setter = { set: (carrier: Record<string, string>, name: string, value: string) => void (carrier[name] = value) }
const getter = { get: (carrier: object, name: string) => Reflect.get(carrier, name), keys: Object.keys }

/** The headers that a program sends along with the work of its span. */
const headersOf = (span: Span): Record<string, string> => {
  const carrier: Record<string, string> = {}
  w3c.inject(trace.setSpan(ROOT_CONTEXT, span), carrier, setter)
  return carrier
}

interface LinkedRow extends Row {
  readonly jaegerUrl: string
  readonly attempts: readonly (Row['attempts'][number] & { readonly jaegerUrl: string })[]
}

/** Every span as `parent > span`, each by service and operation. Of a parent that is linked too Jaeger gives the link alone. */
const linesOf = ({ spans, processes }: JaegerTrace): string[] => {
  const title = ({ processID, operationName }: JaegerSpan) => `${processes[processID]?.serviceName} ${operationName}`
  const titles = new Map(spans.map(span => [span.spanID, title(span)]))
  return spans
    .map(span => {
      const parent = span.references.find(({ traceID }) => traceID === span.traceID)
      return `${parent === undefined ? '(none)' : (titles.get(parent.spanID) ?? '(missing)')} > ${title(span)}`
    })
    .toSorted()
}

whenThereIsAJaeger(
  'one check-in is one trace in Jaeger, from the publisher’s span to the receiver’s, a retry included; visit, event, delivery and subscription find it',
  async t => {
    const jaeger = await startTestJaeger(t)
    const [publisher, customer] = [jaeger.tracerOf('visit-tracking'), jaeger.tracerOf('host-app')]
    const receiver = await startReceiver(t, ({ headers: sent, index }) => {
      const parent = w3c.extract(ROOT_CONTEXT, sent, getter)
      customer.startSpan('POST /hook', { kind: SpanKind.SERVER }, parent).end()
      return index % 2 === 0 ? 503 : 200
    })
    const platform = await startPlatform(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpUrl,
      DOORBELL_JAEGER_URL: jaeger.queryUrl,
    })
    const { api } = platform
    const { id } = await subscribe(api, receiver.url, { retry: { delaysMs: [100] }, propagateTrace: true })

    const posting = publisher.startSpan('check in', { kind: SpanKind.CLIENT })
    const { traceId } = posting.spanContext()
    const event = checkIn({ id: 'evt-posted', visitId: 'visit-posted' })
    t.like((await api.call('POST', '/v1/tenants/acme/events', event, headersOf(posting))).body, { traceId })
    posting.end()
    await rowWhen(api, `evt-posted.${id}`)

    // A publisher of the platform writes into the stream by itself.
    const writing = publisher.startSpan('check in', { kind: SpanKind.PRODUCER })
    const connection = await connect({ servers: platform.natsUrl })
    t.teardown(() => connection.close())
    const all = headers()
    all.set('Nats-Msg-Id', 'evt-written')
    for (const [name, value] of Object.entries(headersOf(writing))) all.set(name, value)
    const written = checkIn({ id: 'evt-written', visitId: 'visit-written', timestamp: new Date().toISOString() })
    await jetstream(connection).publish('visits.in.acme.visit.checked_in', JSON.stringify(written), { headers: all })
    writing.end()
    await rowWhen(api, `evt-written.${id}`)
    const { body: row } = await api.call<LinkedRow>('GET', `/v1/tenants/acme/deliveries/evt-posted.${id}`)
    await platform.end()

    const attempts = [
      'doorbell-worker POST > host-app POST /hook',
      'doorbell-worker POST > host-app POST /hook',
      'doorbell-worker attempt delivery > doorbell-worker POST',
      'doorbell-worker attempt delivery > doorbell-worker POST',
      'doorbell-worker process visits > doorbell-worker attempt delivery',
      'doorbell-worker process visits > doorbell-worker attempt delivery',
      'doorbell-worker process visits > doorbell-worker record delivery',
      'doorbell-worker process visits > doorbell-worker record delivery',
    ]
    const posted = await jaeger.traceWhen(traceId, ({ spans }) => spans.length >= 12)
    t.deepEqual(
      linesOf(posted),
      [
        '(none) > visit-tracking check in',
        'doorbell-api POST /v1/tenants/{tenant}/events > doorbell-api send visits.in',
        'doorbell-api send visits.in > doorbell-worker process visits',
        'visit-tracking check in > doorbell-api POST /v1/tenants/{tenant}/events',
        ...attempts,
      ].toSorted(),
    )
    t.deepEqual(
      named(posted, 'attempt delivery')
        .map(span => [tagOf(span, 'webhook.attempt'), tagOf(span, 'http.response.status_code')])
        .toSorted(),
      [
        [1, 503],
        [2, 200],
      ],
    )
    t.deepEqual(
      linesOf(await jaeger.traceWhen(writing.spanContext().traceId, ({ spans }) => spans.length >= 10)),
      [
        '(none) > visit-tracking check in',
        'visit-tracking check in > doorbell-worker process visits',
        ...attempts,
      ].toSorted(),
    )

    t.is(row.jaegerUrl, `${jaeger.queryUrl}/trace/${traceId}`)
    const spanIds = named(posted, 'attempt delivery').map(({ spanID }) => spanID)
    for (const { jaegerUrl } of row.attempts)
      t.true(spanIds.some(spanId => jaegerUrl === `${row.jaegerUrl}?uiFind=${spanId}`))

    const found = async (service: string, tags: Record<string, string>) =>
      (await jaeger.search(service, tags)).map(({ traceID }) => traceID).toSorted()
    const both = [traceId, writing.spanContext().traceId].toSorted()
    t.deepEqual(await found('doorbell-worker', { 'webhook.visit.id': 'visit-posted' }), [traceId])
    t.deepEqual(await found('doorbell-worker', { 'webhook.event.id': 'evt-posted' }), [traceId])
    t.deepEqual(await found('doorbell-worker', { 'webhook.delivery.id': `evt-posted.${id}` }), [traceId])
    t.deepEqual(await found('doorbell-worker', { 'webhook.subscription.id': id }), both)
    // The trace in which it was accepted, in case it was never delivered.
    t.deepEqual(await found('doorbell-api', { 'webhook.visit.id': 'visit-posted' }), [traceId])
    t.deepEqual(await found('doorbell-api', { 'webhook.event.id': 'evt-posted' }), [traceId])
  },
)

whenThereIsAJaeger(
  'an attempt more than five minutes after the event has a trace of its own: each of the two leads to the other, and the row to both',
  async t => {
    const jaeger = await startTestJaeger(t)
    const receiver = await startReceiver(t, ({ index }) => (index === 0 ? 503 : 200))
    // No trace that begins here is kept, and all of those that the caller keeps, with what comes of them later.
    const sampling = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }
    const platform = await startPlatform(t, {
      ...sampling,
      OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpUrl,
      DOORBELL_JAEGER_URL: jaeger.queryUrl,
    })
    const { api } = platform
    const later = 6 * 60_000
    const { id } = await subscribe(api, receiver.url, { retry: { delaysMs: [later] }, propagateTrace: true })
    const posting = jaeger.tracerOf('visit-tracking').startSpan('check in', { kind: SpanKind.CLIENT })
    const origin = posting.spanContext().traceId
    const path = `/v1/tenants/acme/deliveries/evt-late.${id}`
    await api.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-late' }), headersOf(posting))
    posting.end()
    await rowWhen(api, `evt-late.${id}`, ({ attempts }) => attempts.length === 1)

    // Six minutes pass for the row.
    const mongo = await new MongoClient(platform.mongodbUrl).connect()
    t.teardown(() => mongo.close())
    const rows = mongo.db('doorbell').collection<{ _id: string }>('deliveries')
    const { modifiedCount } = await rows.updateOne({ _id: `evt-late.${id}` }, [
      {
        $set: {
          createdAt: { $subtract: ['$createdAt', later] },
          attempts: {
            $map: {
              input: '$attempts',
              in: { $mergeObjects: ['$$this', { at: { $subtract: ['$$this.at', later] } }] },
            },
          },
        },
      },
    ])
    t.is(modifiedCount, 1)
    t.is((await api.call('POST', `${path}/resend`)).status, 202)
    await rowWhen(api, `evt-late.${id}`)
    const { body: row } = await api.call<LinkedRow>('GET', path)
    await platform.end()

    const late = row.attempts[1]?.traceId ?? ''
    t.deepEqual([row.traceId, row.attempts[0]?.traceId], [origin, origin])
    t.not(late, origin)
    t.true(row.attempts[1]?.jaegerUrl.startsWith(`${jaeger.queryUrl}/trace/${late}?uiFind=`))

    const lateTrace = await jaeger.traceWhen(late, ({ spans }) => spans.length >= 3)
    t.deepEqual(linesOf(lateTrace), [
      '(none) > doorbell-worker attempt delivery',
      'doorbell-worker attempt delivery > doorbell-worker POST',
      'doorbell-worker attempt delivery > doorbell-worker record delivery',
    ])
    const originTrace = await jaeger.traceWhen(origin, ({ spans }) => spans.length >= 7)
    t.is(named(originTrace, 'attempt delivery').length, 1)
    t.is(named(originTrace, 'record delivery').length, 1)

    // From the later one to the origin: its link, and its tag.
    const [root] = named(lateTrace, 'attempt delivery')
    t.deepEqual(
      root?.references.map(({ refType, traceID, spanID }) => [refType, traceID, spanID]),
      [['FOLLOWS_FROM', origin, named(originTrace, 'process visits')[0]?.spanID]],
    )
    t.is(tagOf(root as JaegerSpan, 'webhook.origin.trace_id'), origin)
    // From the origin to the later one: a search.
    const found = await jaeger.search('doorbell-worker', { 'webhook.origin.trace_id': origin })
    t.deepEqual(
      found.map(({ traceID }) => traceID),
      [late],
    )
    const all = await jaeger.search('doorbell-worker', { 'webhook.delivery.id': `evt-late.${id}` })
    t.deepEqual(all.map(({ traceID }) => traceID).toSorted(), [origin, late].toSorted())
    t.is(receiver.arrivals[1]?.headers['traceparent']?.toString().split('-')[1], late)
  },
)
