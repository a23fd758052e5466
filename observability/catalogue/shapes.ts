/** One metric of the catalogue. */
export interface MetricShape {
  readonly name: string
  readonly kind: 'counter' | 'histogram' | 'gauge'
  /** In UCUM, as OpenTelemetry requires: `s`, `By`, `1`, or the counted thing in braces. */
  readonly unit: string
  readonly meaning: string
  /** Keys of `attributeShapes`. Each must have a bounded set of values; ids belong on spans. */
  readonly attributes: readonly string[]
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly boundaries?: readonly number[]
  /** True when the metric has no series until something happens, such as a failure. */
  readonly sometimes?: true
}

export interface AttributeShape {
  readonly name: string
  readonly meaning: string
  /** All values, when the set is small. */
  readonly values?: readonly string[]
}

export interface SpanShapeEntry {
  readonly name: string
  readonly kind: 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER' | 'INTERNAL'
  readonly meaning: string
  /** Keys of `attributeShapes`. */
  readonly attributes: readonly string[]
}

/** The names of a table’s entries, by their keys. */
export const namesOf = <const Shapes extends Record<string, { readonly name: string }>>(
  shapes: Shapes,
): { readonly [Key in keyof Shapes]: Shapes[Key]['name'] } =>
  Object.fromEntries(Object.entries(shapes).map(([key, { name }]) => [key, name])) as {
    readonly [Key in keyof Shapes]: Shapes[Key]['name']
  }
