import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { aDelivery } from '../../test/support/supervised-values.ts'
import { exporter } from '../../test/support/telemetry.ts'
import type { Parts } from './parts.ts'
import type { Attempt } from '../domain/delivery.ts'
import type { VisitMessage } from '../domain/visit-message.ts'
import { beginProcessSpan } from './process-span.ts'
import { countedPublish } from './publish.ts'
import { createRecord } from './record.ts'
import { rememberHealth } from './remember-health.ts'

const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
const traceparent = `00-${traceId}-${spanId}-01`

test.serial.beforeEach(() => exporter.reset())

/** The only span that has ended. */
const theSpan = (): ReadableSpan => {
  const [span, ...others] = exporter.getFinishedSpans()
  if (span === undefined || others.length > 0) throw new Error(`${others.length + 1} spans`)
  return span
}

const publication = {
  tenant: 'acme',
  type: 'visit.checked_in',
  id: 'evt-1',
  visitId: 'visit-1',
  body: '{}',
  traceparent: null,
}
for (const duplicate of [false, true])
  test.serial(
    `publishing ${duplicate ? 'an event again' : 'a new event'} is one span, whose context travels with the message, and one count`,
    async t => {
      const { ports, calls, counts, inOrder } = fakePorts<Pick<Parts, 'streams' | 'metrics'>>({
        'streams.publish': async () => ({ sequence: 5, duplicate }),
      })
      const publish = countedPublish(ports.streams, ports.metrics)
      const before = performance.now()
      t.deepEqual(await inOrder(() => publish(publication)), { sequence: 5, duplicate })
      const passedMs = performance.now() - before
      const span = theSpan()
      const { name, kind, attributes, status } = span
      t.deepEqual([name, kind, status.code], ['send visits.in', SpanKind.PRODUCER, SpanStatusCode.UNSET])
      t.deepEqual(attributes, {
        'messaging.system': 'nats',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': 'visits.in',
        'messaging.message.id': 'evt-1',
        'webhook.tenant': 'acme',
        'webhook.event.type': 'visit.checked_in',
        'webhook.event.id': 'evt-1',
        'webhook.visit.id': 'visit-1',
        'webhook.duplicate': duplicate,
      })
      const here = span.spanContext()
      t.deepEqual(calls, [['streams.publish', { ...publication, traceparent: `00-${here.traceId}-${here.spanId}-01` }]])
      const [[sent, tenant, result, tookMs] = []] = counts
      t.deepEqual([counts.length, sent, tenant, result], [1, 'sent', 'acme', duplicate ? 'duplicate' : 'accepted'])
      t.true(Number(tookMs) >= 0 && Number(tookMs) <= passedMs)
    },
  )

test.serial('an event that could not be published is a failed span and a failed count', async t => {
  const away = new Error('away')
  const { ports, counts } = fakePorts<Pick<Parts, 'streams' | 'metrics'>>({
    'streams.publish': () => Promise.reject(away),
  })
  await t.throwsAsync(countedPublish(ports.streams, ports.metrics)(publication), { is: away })
  t.is(theSpan().status.code, SpanStatusCode.ERROR)
  t.deepEqual(
    counts.map(call => call.slice(0, 3)),
    [['sent', 'acme', 'failed']],
  )
})

const message = { partition: 3, tenant: 'acme', type: 'visit.checked_in', traceparent } as VisitMessage
for (const [result, code, error] of [
  ['acknowledged', SpanStatusCode.UNSET, undefined],
  ['handed_back', SpanStatusCode.UNSET, undefined],
  ['kept_aside', SpanStatusCode.ERROR, 'kept_aside'],
] as const)
  test.serial(`work on a message that is ${result} is a span below the sender’s, and one count with its time`, t => {
    const { ports, counts } = fakePorts<Pick<Parts, 'metrics'>>()
    const before = performance.now()
    const span = beginProcessSpan(ports.metrics)(message)
    span.identify({ id: 'evt-1', visitId: 'visit-1' } as never)
    t.deepEqual(exporter.getFinishedSpans(), [])
    span.end(result)
    const passedMs = performance.now() - before
    const ended = theSpan()
    t.deepEqual([ended.name, ended.kind, ended.status.code], ['process visits', SpanKind.CONSUMER, code])
    t.deepEqual(ended.attributes, {
      'messaging.system': 'nats',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'visits',
      'messaging.destination.partition.id': '3',
      'webhook.tenant': 'acme',
      'webhook.event.type': 'visit.checked_in',
      'webhook.event.id': 'evt-1',
      'webhook.visit.id': 'visit-1',
      'webhook.outcome': result,
      ...(error === undefined ? {} : { 'error.type': error }),
    })
    t.is(ended.parentSpanContext?.spanId, spanId)
    t.is(ended.links[0]?.context.spanId, spanId)
    t.is(span.traceparent, `00-${traceId}-${ended.spanContext().spanId}-01`)
    const [[name, counted, tookMs] = []] = counts
    t.deepEqual([counts.length, name, counted], [1, 'processed', result])
    t.true(Number(tookMs) >= 0 && Number(tookMs) <= passedMs)
  })

const attempt: Attempt = { number: 1, at: 0, tookMs: 1, url: '', traceId: 'f'.repeat(32), spanId: 'e'.repeat(16) }
for (const stored of [false, true])
  test.serial(
    `${stored ? 'updating' : 'inserting'} a row is a span that ends when it is durable, and a count of the row as it was written`,
    async t => {
      const row = aDelivery('evt-1', { createdAt: Date.now() - 5_000, attempts: [{ ...attempt, at: Date.now() }] })
      const written = { ...row, status: 'cancelled' }
      const { ports, calls, counts, inOrder } = fakePorts<Pick<Parts, 'ledger' | 'metrics'>>({
        'ledger.deliveries.update': async () => written,
        'ledger.deliveries.insert': async () => written,
      })
      t.deepEqual(await inOrder(() => createRecord(ports)(row, stored)), written as never)
      t.deepEqual(calls, [[`ledger.deliveries.${stored ? 'update' : 'insert'}`, row]])
      const [[name, counted, ageMs] = []] = counts
      t.deepEqual([counts.length, name, counted], [1, 'settled', written])
      t.true(Number(ageMs) >= 5_000 && Number(ageMs) < 60_000, 'counted from when the event was accepted')
      const span = theSpan()
      t.deepEqual([span.name, span.kind], ['record delivery', SpanKind.CLIENT])
      t.deepEqual(span.attributes, {
        'db.system.name': 'mongodb',
        'db.collection.name': 'deliveries',
        'db.operation.name': stored ? 'update' : 'insert',
        'webhook.delivery.id': 'evt-1.sub_1',
        'webhook.subscription.id': 'sub_1',
        'webhook.delivery.status': 'pending',
      })
      t.is(span.parentSpanContext?.spanId, attempt.spanId, 'it belongs to the attempt')
    },
  )

test.serial('a row that is written long after its last attempt begins a trace of its own', async t => {
  const row = aDelivery('evt-1', { createdAt: Date.now() - 3_600_000 })
  await createRecord(fakePorts<Parts>({ 'ledger.deliveries.update': async () => row }).ports)(row, true)
  t.is(theSpan().attributes['webhook.origin.trace_id'], row.traceparent.slice(3, 35))
})

const health = {
  subscriptionId: 'sub_1',
  circuit: { phase: 'open', since: 0, until: 1_800_000_000_000, times: 1, reason: null },
}
const remedy = 'ask the endpoint’s owner to check it; events are held and nothing is lost'
const until = new Date(health.circuit.until).toISOString()
for (const [to, level, text, ends] of [
  ['open', 'warn', 'circuit opened', until],
  ['half-open', 'info', 'circuit half-open', undefined],
  ['closed', 'info', 'circuit closed', undefined],
] as const)
  test.serial(`a circuit that becomes ${to} is stored first, and then a span, a count and a line`, async t => {
    const { ports, calls, counts, lines, inOrder } = fakePorts<Pick<Parts, 'ledger' | 'metrics' | 'log'>>()
    const changed = {
      ...health,
      circuit: { ...health.circuit, until: to === 'open' ? health.circuit.until : null },
    } as never
    const transition = { from: 'closed', to, reason: 'five failures' } as const
    await inOrder(() => rememberHealth(ports)({ type: 'remember', health: changed, transition, traceparent }))
    t.deepEqual(calls, [['ledger.health.put', changed]])
    t.deepEqual(counts, [['circuitChanged', to]])
    const fields = { subscriptionId: 'sub_1', from: 'closed', to, until: ends, reason: 'five failures' }
    t.deepEqual(lines, [[level, to === 'open' ? { ...fields, remedy } : fields, text]])
    const span = theSpan()
    t.deepEqual([span.name, span.kind], ['change circuit', SpanKind.INTERNAL])
    t.deepEqual(span.attributes, { 'webhook.subscription.id': 'sub_1', 'webhook.circuit.state': to })
    t.deepEqual(
      span.events.map(({ name, attributes }) => [name, attributes]),
      [[`circuit.${to}`, { from: 'closed', reason: 'five failures' }]],
    )
    t.is(span.parentSpanContext?.spanId, spanId)
    t.is(span.spanContext().traceId, traceId)
  })

test.serial(
  'a circuit’s change without a delivery has a trace of its own; health without a change is only stored',
  async t => {
    const { ports, calls, counts, lines, inOrder } = fakePorts<Pick<Parts, 'ledger' | 'metrics' | 'log'>>()
    const remember = rememberHealth(ports)
    await inOrder(() => remember({ type: 'remember', health: health as never, transition: null, traceparent }))
    t.deepEqual([calls, counts, lines, exporter.getFinishedSpans()], [[['ledger.health.put', health]], [], [], []])
    const transition = { from: 'half-open', to: 'closed', reason: 'answers' } as const
    await remember({ type: 'remember', health: health as never, transition, traceparent: null })
    t.is(theSpan().parentSpanContext, undefined)
  },
)

test.serial('a circuit’s change that could not be stored is neither counted nor logged', async t => {
  const away = new Error('away')
  const { ports, counts, lines } = fakePorts<Pick<Parts, 'ledger' | 'metrics' | 'log'>>({
    'ledger.health.put': () => Promise.reject(away),
  })
  const transition = { from: 'closed', to: 'open', reason: 'five failures' } as const
  await t.throwsAsync(rememberHealth(ports)({ type: 'remember', health: health as never, transition, traceparent }), {
    is: away,
  })
  t.deepEqual([counts, lines], [[], []])
})
