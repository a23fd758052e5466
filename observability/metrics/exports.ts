import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { attributes as a, metricShapes as shapes } from '../names.ts'
import { counter } from './cells.ts'
import { labelsOf } from './labels.ts'

interface Exporter<Batch> {
  export(batch: Batch, done: (result: ExportResult) => void): void
}

/** The same exporter, counting what comes of it: a collector that is away is seen, as long as anything can be seen. */
export const countingExports = <Batch, T extends Exporter<Batch>>(exporter: T, signal: 'traces' | 'metrics'): T => {
  const send = exporter.export.bind(exporter)
  const exports = counter(shapes.exports)
  const labels = labelsOf((result: 'sent' | 'failed') => ({ [a.signal]: signal, [a.exportResult]: result }))
  exporter.export = (batch, done) =>
    send(batch, result => {
      exports.add(1, labels(succeeded(result) ? 'sent' : 'failed'))
      done(result)
    })
  return exporter
}

const succeeded = ({ code }: ExportResult): boolean => code === ExportResultCode.SUCCESS
