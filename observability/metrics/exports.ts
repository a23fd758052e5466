import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { attributes as a, metricShapes as shapes } from '../names.ts'
import { counter } from './cells.ts'
import { labelsOf } from './labels.ts'

/** Counts what came of each export: a collector that is away is seen, as long as anything can be seen. */
export const countExports = (signal: 'traces' | 'metrics' | 'logs'): ((result: ExportResult) => void) => {
  const exports = counter(shapes.exports)
  const labels = labelsOf((result: 'sent' | 'failed') => ({ [a.signal]: signal, [a.exportResult]: result }))
  return ({ code }) => exports.add(1, labels(code === ExportResultCode.SUCCESS ? 'sent' : 'failed'))
}
