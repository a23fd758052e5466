import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import { note } from './diagnostics.ts'
import { countExports } from './metrics/exports.ts'

type Signal = Parameters<typeof countExports>[0]

const counts = new Map<Signal, ReturnType<typeof countExports>>()

/**
 * Makes the counts once there is a meter provider. A process whose start fails exports for the first time at its end, when the provider makes no
 * instruments any more.
 */
export const prepareCounts = (): void => {
  for (const signal of ['traces', 'metrics', 'logs'] as const) counts.set(signal, countExports(signal))
}

/** Spans, log records or series that were lost since exports of a signal began to fail. */
const lost = new Map<Signal, number>()

/** Whether the log already says that exports fail. */
export const isFailing = (): boolean => lost.size > 0

/**
 * Counts the result of each export, and logs when exports of a signal begin to fail and when they work again. The SDK builds its exporters from the
 * environment and gives no access to them, so this wraps the base class of all that speak OTLP.
 */
export const watchExports = (): void => {
  const { prototype } = OTLPExporterBase
  const send = prototype.export
  prototype.export = function (items: unknown, done: (result: ExportResult) => void) {
    const signal = signalOf(items)
    send.call(this, items, result => {
      counts.get(signal)?.(result)
      if (result.code === ExportResultCode.SUCCESS) worked(signal)
      else failed(signal, sizeOf(items), result.error)
      done(result)
    })
  }
}

const failed = (signal: Signal, size: number, error: Error | undefined): void => {
  if (!lost.has(signal)) {
    const remedy = 'bring the collector back or correct OTEL_EXPORTER_OTLP_*; deliveries do not depend on it'
    note('warn', { signal, error: error?.message, remedy }, 'telemetry is not exported')
  }
  lost.set(signal, (lost.get(signal) ?? 0) + size)
}

const worked = (signal: Signal): void => {
  const count = lost.get(signal)
  if (count === undefined) return
  lost.delete(signal)
  note('info', { signal, lost: count }, 'telemetry is exported again')
}

const remedyAtEnd = 'bring the collector back before the next start; deliveries do not depend on it'

/** Reports what never arrived, at shutdown. */
export const reportLost = (): void => {
  for (const [signal, count] of lost) note('warn', { signal, lost: count, remedy: remedyAtEnd }, 'telemetry was lost')
}

/** Reports a shutdown that gave up on its last export before the collector answered. */
export const reportUnfinished = (error: unknown): void => {
  if (!isFailing()) note('warn', { error: String(error), remedy: remedyAtEnd }, 'telemetry was lost')
}

const signalOf = (items: unknown): Signal => {
  if (!Array.isArray(items)) return 'metrics'
  return typeof (items[0] as { spanContext?: unknown }).spanContext === 'function' ? 'traces' : 'logs'
}

interface Measured {
  readonly scopeMetrics: readonly { readonly metrics: readonly { readonly dataPoints: readonly unknown[] }[] }[]
}

const sizeOf = (items: unknown): number => {
  if (Array.isArray(items)) return items.length
  const { scopeMetrics } = items as Measured
  return scopeMetrics.reduce(
    (sum, { metrics }) => sum + metrics.reduce((inner, { dataPoints }) => inner + dataPoints.length, 0),
    0,
  )
}
