import { type Counter, type Histogram, metrics } from '@opentelemetry/api'
import type { MetricShape } from '../catalogue/shapes.ts'

/** The instrumentation scope of every metric of Doorbell. */
export const scope = 'doorbell'

/** A counter of the catalogue. Instruments with the same name count in the same series. */
export const counter = ({ name, unit, meaning }: MetricShape): Counter =>
  metrics.getMeter(scope).createCounter(name, { unit, description: meaning })

/** A histogram of the catalogue, with the catalogue's buckets. */
export const histogram = ({ name, unit, meaning, boundaries = [] }: MetricShape): Histogram =>
  metrics.getMeter(scope).createHistogram(name, {
    unit,
    description: meaning,
    advice: { explicitBucketBoundaries: [...boundaries] },
  })
