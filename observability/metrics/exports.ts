import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { attributes as a, metricShapes as shapes } from '../names.ts'
import { counter } from './instruments.ts'
import { labelsOf } from './labels.ts'

/** Counts the results of a signal’s exports, so that Prometheus shows when the collector is away. Needs the global meter provider. */
export const countExports = (signal: 'traces' | 'metrics' | 'logs'): ((result: ExportResult) => void) => {
  const exports = counter(shapes.exports)
  const labels = labelsOf((result: 'sent' | 'failed') => ({ [a.signal]: signal, [a.exportResult]: result }))
  return ({ code }) => exports.add(1, labels(code === ExportResultCode.SUCCESS ? 'sent' : 'failed'))
}
