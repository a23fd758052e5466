import { type Attributes, metrics, type ObservableGauge } from '@opentelemetry/api'
import type { MetricShape } from '../catalogue/shapes.ts'

/** Where instruments that are read come from; what is counted with every event is in cells.ts. */
export const meter = () => metrics.getMeter('doorbell')

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
