import test from 'ava'
import { type Arrival, startOtlpReceiver } from './otlp/receiver.ts'
import { startScript } from './otlp/start-script.ts'

interface Spans {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly scope: object; readonly spans: readonly { readonly name: string }[] }[]
  }[]
}

/** Every span that arrived, with its scope. */
const spansIn = (arrivals: readonly Arrival[]) =>
  arrivals.flatMap(({ request }) =>
    (request as Spans).resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ scope, spans }) => spans.map(span => ({ scope, ...span }))),
    ),
  )

const tracesTo = (url: string) => ({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces` })

test('a span of another library keeps its scope, its parent’s tracestate, its status once it is OK, and values as they were set', async t => {
  const receiver = await startOtlpReceiver(t)
  const script = startScript(
    t,
    `
    import { propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
    const { telemetry } = await import('./observability/register.ts')
    const headers = { traceparent: '00-${'a'.repeat(32)}-${'b'.repeat(16)}-01', tracestate: 'vendor=value' }
    const parent = propagation.extract(ROOT_CONTEXT, headers)
    const span = trace.getTracer('a-library', '4.5.6').startSpan('its work', {}, parent)
    const list = ['first']
    span.setAttribute('list', list).setStatus({ code: SpanStatusCode.OK }).setStatus({ code: SpanStatusCode.ERROR })
    list.push('second')
    span.end()
    await telemetry.shutdown()
    `,
    tracesTo(receiver.url),
  )
  await script.ended
  const [span] = spansIn(receiver.arrivals)
  t.like(span, {
    name: 'its work',
    scope: { name: 'a-library', version: '4.5.6' },
    traceId: 'a'.repeat(32),
    parentSpanId: 'b'.repeat(16),
    traceState: 'vendor=value',
    status: { code: 1 },
    attributes: [{ key: 'list', value: { arrayValue: { values: [{ stringValue: 'first' }] } } }],
  })
})

const both = `
  const { telemetry } = await import('./observability/register.ts')
  const { SpanKind, traced } = await import('./observability/traced.ts')
  await traced({ name: 'of doorbell', kind: SpanKind.INTERNAL, attributes: () => ({}) }, async () => {
    (await import(process.env.FILE)).instrumentation.work()
  })()
  await telemetry.shutdown()
`

test('an instrumentation that is registered before adds its spans to Doorbell’s', async t => {
  const receiver = await startOtlpReceiver(t)
  const file = './test/telemetry/otlp/own-instrumentation.ts'
  const script = startScript(t, both, { ...tracesTo(receiver.url), FILE: file }, [file, './observability/register.ts'])
  await script.ended
  t.like(spansIn(receiver.arrivals), [
    { name: 'work', scope: { name: 'an-instrumentation', version: '1.0.0' } },
    { name: 'of doorbell', scope: { name: 'doorbell' } },
  ])
})

test('an SDK that is registered before gets Doorbell’s spans for its own processors, and nothing else is sent', async t => {
  const receiver = await startOtlpReceiver(t)
  const file = './test/telemetry/otlp/own-sdk.ts'
  const script = startScript(t, both, { ...tracesTo(receiver.url), FILE: file }, [file, './observability/register.ts'])
  await script.ended
  t.deepEqual(script.lines, ['an-instrumentation: work', 'doorbell: of doorbell'])
  t.deepEqual(receiver.arrivals, [])
})
