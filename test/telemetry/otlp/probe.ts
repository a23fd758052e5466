import { subscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import {
  type Attributes,
  diag,
  DiagLogLevel,
  isSpanContextValid,
  logs,
  metrics,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api'

/**
 * A process of its own with the settings of its environment, for environment.test.ts: `node probe.ts bare` starts a NodeSDK with nothing but the
 * environment, `node probe.ts doorbell` what the service starts. Makes spans, measurements and log records, and says what can be seen of them here.
 */
export interface Seen {
  /** Origins that HTTP requests went to. */
  readonly asked: readonly string[]
  /** Headers that carry a span's context on, with ids hidden. */
  readonly carried: Readonly<Record<string, string>>
  /** Formats of headers from which a parent is read. */
  readonly read: readonly string[]
  readonly hasIds: boolean
}

const asked = new Set<string>()
subscribe('http.client.request.start', message => {
  const { request } = message as { readonly request: ClientRequest }
  asked.add(`${request.protocol}//${String(request.getHeader('host'))}`)
})

/** Warnings and errors of the SDK. */
const complain = (...parts: unknown[]): void => void process.send?.({ problem: parts.map(String).join(' ') })

const startBare = async (): Promise<() => Promise<void>> => {
  if (!process.env['OTEL_LOG_LEVEL']) {
    const ignore = () => undefined
    diag.setLogger(
      { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore },
      { logLevel: DiagLogLevel.WARN },
    )
  }
  const { NodeSDK } = await import('@opentelemetry/sdk-node')
  const sdk = new NodeSDK()
  sdk.start()
  return () => sdk.shutdown()
}

const startDoorbell = async (): Promise<() => Promise<void>> => {
  const { telemetry } = await import('../../../observability/register.ts')
  telemetry.reportTo({ info: () => undefined, warn: fields => complain(JSON.stringify(fields)) })
  return telemetry.shutdown
}

const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const formats = {
  tracecontext: { traceparent: `00-${remote.traceId}-${remote.spanId}-01`, tracestate: 'vendor=value' },
  b3: { b3: `${remote.traceId}-${remote.spanId}-1` },
}
const three: Attributes = { one: 'a long value', two: 'a long value', three: 'a long value' }
const many = Array.from({ length: 8 }, (_, n) => n)

const shutdown = await (process.argv[2] === 'bare' ? startBare() : startDoorbell())
const tracer = trace.getTracer('probe', '1.2.3')
const link = { context: { ...remote, traceFlags: 1 }, attributes: three }
const span = tracer.startSpan('first', { attributes: three, links: [link, link, link] })
for (const name of ['begun', 'half way', 'done']) span.addEvent(name, three)
const here = trace.setSpan(ROOT_CONTEXT, span)
tracer.startSpan('second', {}, here).end()
tracer.startSpan('third', {}, propagation.extract(ROOT_CONTEXT, formats.tracecontext)).end()
span.end()
for (const n of many) tracer.startSpan(`small ${n}`, {}, here).end()
const meter = metrics.getMeter('probe', '1.2.3')
meter.createCounter('counter').add(2, { key: 'value' })
meter.createHistogram('histogram').record(3)
const logger = logs.getLogger('probe', '1.2.3')
for (const n of many)
  logger.emit({ severityNumber: 9, severityText: 'info', body: `line ${n}`, attributes: three, context: here })

const carried: Record<string, string> = {}
propagation.inject(here, carried)
const isRead = (carrier: object) => trace.getSpanContext(propagation.extract(ROOT_CONTEXT, carrier)) !== undefined
const hidden = Object.entries(carried).map(([name, value]) => [name, value.replaceAll(/[\da-f]{16,32}/g, 'id')])

const stop = async (): Promise<void> => {
  await shutdown().catch(complain)
  const seen: Seen = {
    asked: [...asked],
    carried: Object.fromEntries(hidden) as Record<string, string>,
    read: Object.entries(formats).flatMap(([name, carrier]) => (isRead(carrier) ? [name] : [])),
    hasIds: isSpanContextValid(span.spanContext()),
  }
  process.send?.({ seen }, () => process.exit(0))
}
process.on('message', () => void stop())
process.send?.({ made: true })
