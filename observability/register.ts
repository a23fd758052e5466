import { type ProxyTracerProvider, trace } from '@opentelemetry/api'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { type Sampler, TracerProvider } from '@opentelemetry/sdk-trace'
import { listenToSdk, note, reportTo } from './diagnostics.ts'
import { isFailing, prepareCounts, reportLost, reportUnfinished, watchExports } from './exports.ts'
import { addReaders } from './metric-readers.ts'
import { samplerOf } from './sampler.ts'
import { ScrapeReader } from './scrape.ts'
import { isExported, setDefaults } from './signals.ts'

/**
 * Starts OpenTelemetry before anything else is imported: `node --import ./observability/register.ts …`. The SDK reads the environment by itself
 * (docs/telemetry.md has every variable). Without a collector nothing leaves the process; spans have ids all the same, since every row, problem
 * answer and log line shows them.
 */
export interface Telemetry {
  /** Has lines about telemetry itself written to the log: a collector that is away, a setting that is ignored. */
  readonly reportTo: typeof reportTo
  /** Exports what is left, and ends. Never rejects. */
  readonly shutdown: () => Promise<void>
}

const { env } = process
/** Whether a file that was imported before has registered an SDK of its own, which then has every signal. */
const isForeign = (trace.getTracerProvider() as ProxyTracerProvider).getDelegateTracer('doorbell') !== undefined
const isDisabled = env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true'

/** Why `/metrics` cannot be served, with what helps; null where it can. */
const hindrance = isDisabled
  ? { reason: 'OTEL_SDK_DISABLED is true', remedy: 'unset OTEL_SDK_DISABLED to have metrics' }
  : isForeign
    ? { reason: 'another OpenTelemetry SDK is registered', remedy: 'have that SDK export the metrics' }
    : null

const wantsScrape = Boolean(env['DOORBELL_METRICS_PORT'])
if (wantsScrape && hindrance !== null) note('warn', hindrance, 'DOORBELL_METRICS_PORT is not served')

/** What `/metrics` serves; null where it is not wanted or cannot be. */
export const scrape = wantsScrape && hindrance === null ? new ScrapeReader() : null

const sampler = (): Sampler => {
  try {
    return samplerOf(env)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exit(1)
  }
}

const start = (): NodeSDK => {
  setDefaults(env)
  listenToSdk(isFailing)
  watchExports()
  const chosen = sampler()
  // A disabled SDK has no signals and still propagates (specification of OTEL_SDK_DISABLED), where NodeSDK would do nothing.
  delete env['OTEL_SDK_DISABLED']
  const leaves = (signal: Parameters<typeof isExported>[0]) => !isDisabled && isExported(signal)
  const sdk = new NodeSDK({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': 'doorbell' })),
    sampler: chosen,
    ...(leaves('TRACES') ? {} : { spanProcessors: [] }),
    ...(leaves('METRICS') ? {} : { metricReaders: [] }),
    ...(leaves('LOGS') ? {} : { logRecordProcessors: [] }),
  })
  addReaders(sdk, scrape === null ? [] : [scrape])
  sdk.start()
  prepareCounts()
  // Worker processes inherit the environment.
  if (isDisabled) env['OTEL_SDK_DISABLED'] = 'true'
  // Without an exporter the SDK has no tracer provider.
  if (!sdk['_tracerProvider']) trace.setGlobalTracerProvider(new TracerProvider({ sampler: chosen }))
  return sdk
}

const sdk = isForeign ? null : start()

export const telemetry: Telemetry = {
  reportTo,
  shutdown: async () => {
    await sdk?.shutdown().catch(reportUnfinished)
    reportLost()
  },
}
