import {
  type Attributes,
  type Link,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import test from 'ava'
import { BackwardsWriter } from './backwards.ts'
import { type EndedSpan, writeRequest, writeSpan } from './otlp.ts'

/** A span of OpenTelemetry's own SDK, with what a span may have. */
const officialSpan = (attributes: Attributes, more: { readonly link?: Link } = {}): ReadableSpan => {
  const memory = new InMemorySpanExporter()
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'doorbell', 'process.command_args': ['node', 'main.ts'] }),
    spanProcessors: [new SimpleSpanProcessor({ exporter: memory })],
  })
  const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', isRemote: true }
  provider
    .getTracer('doorbell')
    .startSpan(
      'send visits.in',
      { kind: SpanKind.PRODUCER, startTime: [1_795_600_000, 999_250_000], ...(more.link && { links: [more.link] }) },
      trace.setSpanContext(ROOT_CONTEXT, { ...parent, traceFlags: TraceFlags.SAMPLED }),
    )
    .setAttributes(attributes)
    .addEvent('circuit.open', { from: 'closed' }, [1_795_600_001, 500_000])
    .setStatus({ code: SpanStatusCode.ERROR })
    .end([1_795_600_002, 125_000])
  return memory.getFinishedSpans()[0] as ReadableSpan
}

const asEnded = (span: ReadableSpan): EndedSpan => ({
  context: span.spanContext(),
  parent: span.parentSpanContext ?? null,
  name: span.name,
  kind: span.kind,
  startMs: hrTimeToMilliseconds(span.startTime),
  endMs: hrTimeToMilliseconds(span.endTime),
  attributes: Object.entries(span.attributes).flat(),
  events: span.events.map(({ name, time, attributes = {} }) => ({
    name,
    atMs: hrTimeToMilliseconds(time),
    attributes,
  })),
  links: span.links,
  status: span.status,
})

const officially = (spans: readonly ReadableSpan[]): Uint8Array =>
  ProtobufTraceSerializer.serializeRequest([...spans]) ?? new Uint8Array()

/** The last is written first. */
const written = (spans: readonly ReadableSpan[]): Uint8Array => {
  const writer = new BackwardsWriter()
  for (const span of spans.toReversed()) writeSpan(writer, asEnded(span))
  writeRequest(writer, spans[0]?.resource.attributes ?? {}, 'doorbell')
  return writer.finish()
}

const cases: Readonly<Record<string, Attributes>> = {
  nothing: {},
  texts: { 'webhook.tenant': 'acme', empty: '', 'beyond ASCII': 'Zoë – 会議室 🔔', long: 'x'.repeat(70_000) },
  numbers: {
    zero: 0,
    small: 127,
    status: 204,
    'over two bytes': 2 ** 21,
    'over 32 bits': 2 ** 40,
    largest: Number.MAX_SAFE_INTEGER,
    negative: -7,
    half: 0.5,
    tiny: -1.25e-9,
    infinite: Infinity,
  },
  'yes and no': { yes: true, no: false },
  lists: { texts: ['a', 'b'], numbers: [1, 2.5], empty: [], mixed: [true, [1]] },
  others: { bytes: new Uint8Array([0, 255]), map: { inner: { deeper: 'x' } } },
}
for (const [name, attributes] of Object.entries(cases))
  test(`the bytes are those of OpenTelemetry’s own serializer: ${name}`, t => {
    const span = officialSpan(attributes)
    t.true(Buffer.from(written([span])).equals(officially([span])))
  })

test('the bytes are those of OpenTelemetry’s own serializer: a link, and many spans in a request that outgrew its room', t => {
  const link = {
    context: { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1, isRemote: true },
    attributes: { why: 'the sender' },
  }
  const first = officialSpan({ n: 1 }, { link })
  const resource = first.resource
  const spans = [first, ...Array.from({ length: 500 }, (_, n) => officialSpan({ n }))].map(span =>
    Object.assign(span, { resource, instrumentationScope: first.instrumentationScope }),
  )
  t.true(Buffer.from(written(spans)).equals(officially(spans)))
})
