import { attributes as a, metricShapes as shapes } from '../names.ts'
import { counter } from './instruments.ts'
import { labelsOf } from './labels.ts'

export type Removed = 'ended' | 'contents' | 'messages' | 'rows' | 'erased'

/** Counts what retention and erasure removed. */
export const createRetentionMetrics = () => {
  const removed = counter(shapes.retentionRemoved)
  const labels = labelsOf((what: Removed) => ({ [a.removed]: what }))
  return { retained: (what: Removed, count: number): void => removed.add(count, labels(what)) }
}
