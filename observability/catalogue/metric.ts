import type { attributeShapes } from './attributes.ts'
import type { MetricShape } from './shapes.ts'

type Label = keyof typeof attributeShapes

/** A metric that lacks its meaning. */
interface Undocumented {
  doc(meaning: string): MetricShape
}

/** A sum that only grows. */
export const counter = (name: string, unit: string, ...attributes: readonly Label[]): Undocumented => ({
  doc: meaning => ({ name, kind: 'counter', unit, meaning, attributes }),
})

/** A value that is read when metrics are collected. */
export const gauge = (name: string, unit: string, ...attributes: readonly Label[]): Undocumented => ({
  doc: meaning => ({ name, kind: 'gauge', unit, meaning, attributes }),
})

export const histogram = (
  name: string,
  unit: string,
  boundaries: readonly number[],
  ...attributes: readonly Label[]
): Undocumented => ({
  doc: meaning => ({ name, kind: 'histogram', unit, meaning, attributes, boundaries }),
})

/** A metric that has no series until something happens, such as a failure. */
export const sometimes = (shape: MetricShape): MetricShape => ({ ...shape, sometimes: true })
