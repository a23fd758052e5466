import type { Attributes } from '@opentelemetry/api'

/** Returns the same label set for the same key, made once, because one is recorded with every event. The keys must be bounded. */
export const labelsOf = <Key>(make: (key: Key) => Attributes): ((key: Key) => Attributes) => {
  const made = new Map<Key, Attributes>()
  return key => {
    let labels = made.get(key)
    if (labels === undefined) made.set(key, (labels = make(key)))
    return labels
  }
}

/** The label of all ids that have no series of their own. It is never an id: ids of tenants and subscriptions begin with a lower-case letter, a digit or a dash. */
export const others = '_OTHER'
