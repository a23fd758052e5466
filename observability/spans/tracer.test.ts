import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { AlwaysOffSampler, AlwaysOnSampler } from '@opentelemetry/sdk-trace'
import test from 'ava'
import type { EndedSpan } from './otlp.ts'
import { createTracerProvider } from './tracer.ts'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

const recording = () => {
  const ended: EndedSpan[] = []
  return { ended, tracer: createTracerProvider(new AlwaysOnSampler(), span => ended.push(span)).getTracer('test') }
}

const parent = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
}

test('a span is the child of the one in its context, and tells the sink at its end what it was told until then', t => {
  const { ended, tracer } = recording()
  const under = trace.setSpanContext(ROOT_CONTEXT, parent)
  const span = tracer.startSpan('a', { kind: SpanKind.CLIENT, attributes: { first: 1 } }, under)
  span.setAttributes({ first: 2, second: 'b' }).updateName('b').setStatus({ code: SpanStatusCode.ERROR })
  span.addEvent('happened', { how: 'well' }).addLink({ context: parent })
  t.true(span.isRecording())
  t.deepEqual(ended, [])
  span.end()
  span.end()
  t.false(span.isRecording())
  const [told] = ended
  t.is(ended.length, 1)
  t.like(told, { name: 'b', kind: SpanKind.CLIENT, parent, attributes: ['first', 2, 'second', 'b'] })
  t.like(told, { status: { code: SpanStatusCode.ERROR }, links: [{ context: parent }] })
  t.like(told?.events, [{ name: 'happened', attributes: { how: 'well' } }])
  t.is(told?.context.traceId, parent.traceId)
  t.regex(told?.context.spanId ?? '', /^[\da-f]{16}$/)
  t.true((told?.endMs ?? 0) >= (told?.startMs ?? Infinity))
})

test('times are the wall clock’s, or what is given', t => {
  const { ended, tracer } = recording()
  const before = Date.now()
  tracer.startSpan('own').end()
  const after = Date.now()
  tracer
    .startSpan('given', { startTime: 1_795_600_000_000.25 })
    .addEvent('at', [1_795_600_000, 500_000])
    .end(1_795_600_001_000)
  const [own, given] = ended
  t.true((own?.startMs ?? 0) >= before - 10 && (own?.endMs ?? Infinity) <= after + 10)
  t.like(given, { startMs: 1_795_600_000_000.25, endMs: 1_795_600_001_000 })
  t.is(given?.events[0]?.atMs, 1_795_600_000_000.5)
})

test('a root has a trace of its own, whatever its context; the active span is the parent of what is started in it', t => {
  const { ended, tracer } = recording()
  const under = trace.setSpanContext(ROOT_CONTEXT, parent)
  const result = tracer.startActiveSpan('outer', { root: true }, under, outer => {
    tracer.startSpan('inner').end()
    outer.end()
    return 'done'
  })
  const [inner, outer] = ended
  t.is(result, 'done')
  t.not(outer?.context.traceId, parent.traceId)
  t.is(outer?.parent, null)
  t.is(inner?.parent, outer?.context)
})

test('an exception is told by its class alone', t => {
  const { ended, tracer } = recording()
  const span = tracer.startSpan('a')
  span.recordException(new RangeError('Anna Jansen, +31 6 1234'))
  span.end()
  t.like(ended[0]?.events, [{ name: 'exception', attributes: { 'exception.type': 'RangeError' } }])
  t.false(JSON.stringify(ended).includes('Anna'))
})

test('what the sampler drops, or nobody wants, has ids all the same', t => {
  const ended: EndedSpan[] = []
  const dropped = createTracerProvider(new AlwaysOffSampler(), span => ended.push(span))
    .getTracer('x')
    .startSpan('a')
  const unwanted = createTracerProvider(new AlwaysOnSampler(), null).getTracer('x').startSpan('a')
  for (const span of [dropped, unwanted]) {
    span.setAttribute('a', 1).end()
    t.false(span.isRecording())
    t.true(trace.isSpanContextValid(span.spanContext()))
  }
  t.is(dropped.spanContext().traceFlags, TraceFlags.NONE)
  t.is(unwanted.spanContext().traceFlags, TraceFlags.SAMPLED)
  t.deepEqual(ended, [])
})
