import type { Attributes } from '@opentelemetry/api'

/** Label sets made once for each key, since one is recorded with every event. The keys are bounded. */
export const labelsOf = <Key>(make: (key: Key) => Attributes): ((key: Key) => Attributes) => {
  const made = new Map<Key, Attributes>()
  return key => {
    let labels = made.get(key)
    if (labels === undefined) made.set(key, (labels = make(key)))
    return labels
  }
}
