import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import test from 'ava'
import { textsOf } from './protobuf-texts.ts'

test('every text of an exported span is found, and no number is taken for one', t => {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const span = provider
    .getTracer('a-tracer')
    .startSpan('a-span', { attributes: { 'a.key': 'Anna Jansen, é', 'a.line': 'two\nlines' } })
  span.addEvent('an-event', { nested: 'anna@example.org', count: 7, share: 0.5 })
  span.end()
  const bytes = ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans())
  const texts = textsOf(bytes ?? new Uint8Array())
  for (const text of [
    'a-tracer',
    'a-span',
    'a.key',
    'Anna Jansen, é',
    'a.line',
    'two\nlines',
    'an-event',
    'anna@example.org',
  ])
    t.true(texts.includes(text), text)
  t.deepEqual(textsOf(Uint8Array.of(0x39, ...Buffer.from('9@r.my>A'))), [], 'a time')
})

test('what is no message has no texts', t => {
  t.deepEqual(textsOf(Uint8Array.of(0x39, 0x40, 0x72)), [])
})
