/** One metric: everything about it but its values. */
export interface MetricShape {
  readonly name: string
  readonly kind: 'counter' | 'histogram' | 'gauge'
  /** UCUM, as OpenTelemetry asks: `s`, `By`, `1`, or what is counted in braces. */
  readonly unit: string
  readonly meaning: string
  /** Keys of `attributeShapes`. Sets of values that are bounded; ids belong on spans. */
  readonly attributes: readonly string[]
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly boundaries?: readonly number[]
  /** True: it is there only where something has gone that way, such as a failure or a server that is asked. */
  readonly sometimes?: true
}

export interface AttributeShape {
  readonly name: string
  readonly meaning: string
  /** All values there are, where the set is small. */
  readonly values?: readonly string[]
}

export interface SpanShapeEntry {
  readonly name: string
  readonly kind: 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER' | 'INTERNAL'
  readonly meaning: string
  /** Keys of `attributeShapes`. */
  readonly attributes: readonly string[]
}

/** Each key with the name that its entry has. */
export const namesOf = <const Shapes extends Record<string, { readonly name: string }>>(
  shapes: Shapes,
): { readonly [Key in keyof Shapes]: Shapes[Key]['name'] } =>
  Object.fromEntries(Object.entries(shapes).map(([key, { name }]) => [key, name])) as {
    readonly [Key in keyof Shapes]: Shapes[Key]['name']
  }
