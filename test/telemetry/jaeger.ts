import type { ExecutionContext } from 'ava'
import type { Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import test from 'ava'
import { findJaeger, type JaegerPorts, startJaeger } from '../../tools/jaeger/start.ts'
import { freePort } from '../../src/embedded/ports.ts'
import { until } from '../support/until.ts'

/** For tests that need a real Jaeger: skipped where there is none. */
export const whenThereIsAJaeger = findJaeger() === null ? test.skip : test

export interface JaegerSpan {
  readonly traceID: string
  readonly spanID: string
  readonly operationName: string
  readonly processID: string
  /** Microseconds. */
  readonly startTime: number
  readonly duration: number
  readonly references: readonly { readonly refType: string; readonly traceID: string; readonly spanID: string }[]
  readonly tags: readonly { readonly key: string; readonly value: unknown }[]
}

export interface JaegerTrace {
  readonly traceID: string
  readonly spans: readonly JaegerSpan[]
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>
}

export interface TestJaeger {
  readonly queryUrl: string
  readonly otlpUrl: string
  readonly otlpGrpcPort: number
  /** The trace once it satisfies `wanted`: asks again until then. */
  traceWhen(traceId: string, wanted: (trace: JaegerTrace) => boolean): Promise<JaegerTrace>
  /** What a search by tags finds now. */
  search(service: string, tags: Readonly<Record<string, string>>): Promise<readonly JaegerTrace[]>
  /** The trace as it is now; null when there is none. */
  get(traceId: string): Promise<JaegerTrace | null>
  /** The tracer of another program, which exports here, each span as it ends. */
  tracerOf(service: string): Tracer
}

/** A Jaeger of a test's own, with these configurations after one another. */
export const startTestJaeger = async (
  t: ExecutionContext,
  configurations?: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<TestJaeger> => {
  const ports: JaegerPorts = {
    query: await freePort(0),
    queryGrpc: await freePort(0),
    otlpHttp: await freePort(0),
    otlpGrpc: await freePort(0),
    health: await freePort(0),
  }
  const { child, queryUrl, otlpUrl } = await startJaeger(findJaeger() ?? '', {
    ports,
    stdio: 'ignore',
    ...(configurations === undefined ? {} : { configurations }),
    ...(environment === undefined ? {} : { environment }),
  })
  t.teardown(() => child.kill('SIGKILL'))
  const ask = async (path: string): Promise<readonly JaegerTrace[]> => {
    const answer = await fetch(`${queryUrl}/api/${path}`)
    const { data } = (await answer.json()) as { data: readonly JaegerTrace[] | null }
    return data ?? []
  }
  return {
    queryUrl,
    otlpUrl,
    otlpGrpcPort: ports.otlpGrpc,
    traceWhen: async (traceId, wanted) => {
      const [found] = await until(
        () => ask(`traces/${traceId}`),
        ([trace]) => trace !== undefined && wanted(trace),
        3_000,
      )
      return found as JaegerTrace
    },
    search: (service, tags) =>
      ask(`traces?${new URLSearchParams({ service, tags: JSON.stringify(tags), limit: '100' }).toString()}`),
    get: async traceId => (await ask(`traces/${traceId}`))[0] ?? null,
    tracerOf: service => {
      const resource = resourceFromAttributes({ 'service.name': service })
      const exporter = new OTLPTraceExporter({ url: `${otlpUrl}/v1/traces` })
      const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] })
      t.teardown(() => provider.shutdown())
      return provider.getTracer(service)
    },
  }
}

export const tagOf = ({ tags }: JaegerSpan, name: string): unknown => tags.find(({ key }) => key === name)?.value

export const named = ({ spans }: JaegerTrace, name: string): readonly JaegerSpan[] =>
  spans.filter(({ operationName }) => operationName === name)
