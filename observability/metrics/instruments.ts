import { type Attributes, type Counter, type Histogram, metrics, type ObservableGauge } from '@opentelemetry/api'
import type { MetricShape } from '../catalogue/shapes.ts'

/** Instruments as the catalogue describes them. */
export const meter = () => metrics.getMeter('doorbell')

export const counter = ({ name, unit, meaning }: MetricShape): Counter =>
  meter().createCounter(name, { unit, description: meaning })

export const histogram = ({ name, unit, meaning, boundaries = [] }: MetricShape): Histogram =>
  meter().createHistogram(name, {
    unit,
    description: meaning,
    advice: { explicitBucketBoundaries: [...boundaries] },
  })

export const gauge = ({ name, unit, meaning }: MetricShape): ObservableGauge =>
  meter().createObservableGauge(name, { unit, description: meaning })

/** A counter that is read from what is counted elsewhere. */
export const readCounter = ({ name, unit, meaning }: MetricShape) =>
  meter().createObservableCounter(name, { unit, description: meaning })

/** Label sets made once for each key, since one is recorded with every event. The keys are bounded. */
export const labelsOf = <Key>(make: (key: Key) => Attributes): ((key: Key) => Attributes) => {
  const made = new Map<Key, Attributes>()
  return key => {
    let labels = made.get(key)
    if (labels === undefined) made.set(key, (labels = make(key)))
    return labels
  }
}
