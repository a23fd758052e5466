/** Writes schemas as plain JSON, in which a shape with a `title` is a reference to `components/schemas`. */
export interface References {
  refer(schema: unknown): unknown
  /** The shapes that were referred to, by their titles. */
  readonly shapes: Readonly<Record<string, unknown>>
}

export const createReferences = (): References => {
  const shapes: Record<string, unknown> = {}
  const write = (schema: object): unknown =>
    Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, refer(value)]))
  const refer = (schema: unknown): unknown => {
    if (Array.isArray(schema)) return schema.map(refer)
    if (typeof schema !== 'object' || schema === null) return schema
    if (!('title' in schema) || typeof schema.title !== 'string') return write(schema)
    shapes[schema.title] ??= write(schema)
    return { $ref: `#/components/schemas/${schema.title}` }
  }
  return { refer, shapes }
}
