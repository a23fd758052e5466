import { namedSchemas } from '../../answers.ts'

const names: ReadonlyMap<object, string> = namedSchemas

/** A schema as plain JSON in which shared shapes are references. `asIs`: not the outermost one itself. */
export const refer = (schema: unknown, asIs = false): unknown => {
  if (Array.isArray(schema)) return schema.map(each => refer(each))
  if (typeof schema !== 'object' || schema === null) return schema
  const name = asIs ? undefined : names.get(schema)
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, refer(value)]))
}
