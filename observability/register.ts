import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import {
  defaultResource,
  detectResources,
  envDetector,
  hostDetector,
  osDetector,
  processDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources'
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type { Sampler } from '@opentelemetry/sdk-trace'
import { measured } from './metrics/cells.ts'
import { countingExports } from './metrics/exports.ts'
import { samplerOf } from './sampler.ts'
import { ScrapeReader } from './scrape.ts'
import { createSpanSender } from './spans/sender.ts'
import { createTracerProvider } from './spans/tracer.ts'

/**
 * Starts OpenTelemetry before anything else is imported: `node --import ./observability/register.ts …`.
 *
 * Spans always exist, since every row and every problem answer carries a trace id. They leave the process only when an endpoint is
 * named (`OTEL_EXPORTER_OTLP_ENDPOINT`, or `…_TRACES_ENDPOINT` and `…_METRICS_ENDPOINT`): without a collector nothing is sent.
 */
const { env } = process
/** `OTEL_SDK_DISABLED`: nothing leaves the process; ids there are all the same. */
const isDisabled = env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true'
const namesEndpointOf = (signal: 'TRACES' | 'METRICS') =>
  Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`])
const exportsTraces = !isDisabled && namesEndpointOf('TRACES')
const exportsMetrics = !isDisabled && namesEndpointOf('METRICS')

/** `OTEL_METRIC_EXPORT_INTERVAL`, a minute by default; what is no number of milliseconds is none, as the specification has it. */
const wantedMs = Number(env['OTEL_METRIC_EXPORT_INTERVAL'])
const everyMs = wantedMs > 0 ? wantedMs : 60_000

/** What `/metrics` is made of; null where it is not wanted. */
export const scrape = env['DOORBELL_METRICS_PORT'] ? new ScrapeReader() : null

const sampler = (): Sampler => {
  try {
    return samplerOf(env)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exit(1)
  }
}

/** Who the spans and metrics are of: process, machine, and what `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` say. */
const resource = defaultResource()
  .merge(
    detectResources({
      detectors: [serviceInstanceIdDetector, processDetector, hostDetector, osDetector, envDetector],
    }),
  )
  .merge(resourceFromAttributes({ 'service.name': env['OTEL_SERVICE_NAME'] ?? 'doorbell' }))

const spans = exportsTraces ? createSpanSender({ resource, scope: 'doorbell' }) : null
// The SDK does it, but not when it is disabled.
if (isDisabled) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
trace.setGlobalTracerProvider(createTracerProvider(sampler(), spans?.take ?? null))

const sdk = new NodeSDK({
  resource,
  autoDetectResources: false,
  spanProcessors: [],
  metricReaders: [
    ...(exportsMetrics
      ? [
          new PeriodicExportingMetricReader({
            exporter: countingExports(new OTLPMetricExporter()),
            metricProducers: [measured],
            exportIntervalMillis: everyMs,
            exportTimeoutMillis: Math.min(everyMs, 30_000),
          }),
        ]
      : []),
    ...(scrape === null ? [] : [scrape]),
  ],
  logRecordProcessors: [],
  instrumentations: [],
})
sdk.start()

export const telemetry = {
  /** Sends what is left, and ends. */
  shutdown: async (): Promise<void> => {
    await Promise.all([spans?.shutdown(), sdk.shutdown()])
  },
}
