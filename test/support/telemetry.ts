import { context, metrics, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core'
import { MeterProvider, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { observed } from '../../observability/metrics/observed.ts'
import { collect } from './collect.ts'

/** The finished spans of this test process. */
export const exporter = new InMemorySpanExporter()

/** Everything of a span that an exporter sends. */
const exported = ({ name, attributes, events, links, status, resource }: ReadableSpan): string =>
  JSON.stringify({ name, attributes, events, links, status, resource: resource.attributes })

const collecting = {
  export: (spans: ReadableSpan[], done: (result: { code: ExportResultCode }) => void) => {
    spans.forEach(span => collect('span', exported(span)))
    done({ code: ExportResultCode.SUCCESS })
  },
  shutdown: () => Promise.resolve(),
}

const measuring: PushMetricExporter = {
  export: ({ scopeMetrics }, done) => {
    for (const { metrics: inScope } of scopeMetrics)
      for (const metric of inScope) collect('metric', JSON.stringify(metric))
    done({ code: ExportResultCode.SUCCESS })
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
}

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
propagation.setGlobalPropagator(new W3CTraceContextPropagator())
trace.setGlobalTracerProvider(
  new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter }), new SimpleSpanProcessor({ exporter: collecting })],
  }),
)
metrics.setGlobalMeterProvider(
  new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({
        exporter: measuring,
        exportIntervalMillis: 2_000,
        metricProducers: [observed],
      }),
    ],
  }),
)
