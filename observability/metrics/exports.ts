import type { Counter } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { attributes as a, metricShapes as shapes } from '../names.ts'
import { counter } from './instruments.ts'

interface Exporter<Batch> {
  export(batch: Batch, done: (result: ExportResult) => void): void
}

/** The same exporter, counting what comes of it: a collector that is away is seen, as long as anything can be seen. */
export const countingExports = <Batch, T extends Exporter<Batch>>(exporter: T, signal: 'traces' | 'metrics'): T => {
  const send = exporter.export.bind(exporter)
  // Made with the first export: there are no instruments while telemetry starts.
  let exports: Counter | undefined
  exporter.export = (batch, done) =>
    send(batch, result => {
      exports ??= counter(shapes.exports)
      exports.add(1, {
        [a.signal]: signal,
        [a.exportResult]: result.code === ExportResultCode.SUCCESS ? 'sent' : 'failed',
      })
      done(result)
    })
  return exporter
}
