import type { Static, TSchema } from 'typebox'

/**
 * Compiles a schema to a function that copies the fields of a value that the schema names, at every depth, and no others. A field that is
 * added to a stored document stays inside the process until a schema names it. Values are copied, not checked.
 */
export const compilePick = <S extends TSchema>(schema: S): ((value: unknown) => Static<S>) =>
  copyOf([schema]) as (value: unknown) => Static<S>

interface JsonSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: unknown
}
type Copy = (value: unknown) => unknown

/** For a union a field is copied if any of its members names it. (TypeBox’s `Value.Clean` lets a value through whole that fits none of them.) */
const copyOf = (members: readonly JsonSchema[]): Copy => {
  if (members.some(({ anyOf }) => anyOf !== undefined)) return copyOf(members.flatMap(each => each.anyOf ?? [each]))
  if (members.length === 0 || members.some(takesAnything)) return value => value
  const items = members.flatMap(({ items: each }) => (each === undefined ? [] : [each]))
  const copyItem = copyOf(items)
  const copyFields = copyFieldsOf(members)
  return value => {
    if (typeof value !== 'object' || value === null) return value
    if (!Array.isArray(value)) return copyFields(value)
    return items.length === 0 ? [] : value.map(copyItem)
  }
}

const takesAnything = ({ type, enum: choices, const: only, additionalProperties }: JsonSchema): boolean =>
  additionalProperties === true || (type === undefined && choices === undefined && only === undefined)

const copyFieldsOf = (members: readonly JsonSchema[]): ((value: object) => object) => {
  const properties = members.flatMap(each => Object.entries(each.properties ?? {}))
  const patterns = members.flatMap(each => Object.entries(each.patternProperties ?? {}))
  const named = Object.entries(Object.groupBy(properties, ([name]) => name)).map(
    ([name, found = []]) => [name, copyOf(found.map(([, schema]) => schema))] as const,
  )
  if (patterns.length > 0) return copyByPattern(patterns, new Map(named))
  return value => {
    const copy: Record<string, unknown> = {}
    for (const [name, copyField] of named) {
      const inner = (value as Readonly<Record<string, unknown>>)[name]
      if (inner !== undefined) copy[name] = copyField(inner)
    }
    return copy
  }
}

const copyByPattern = (schemas: readonly (readonly [string, JsonSchema])[], named: ReadonlyMap<string, Copy>) => {
  const patterns = schemas.map(([pattern, schema]) => [new RegExp(pattern), copyOf([schema])] as const)
  const copyFor = (name: string) => named.get(name) ?? patterns.find(([pattern]) => pattern.test(name))?.[1]
  return (value: object): object =>
    Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => {
        const copyField = inner === undefined ? undefined : copyFor(name)
        return copyField === undefined ? [] : [[name, copyField(inner)]]
      }),
    )
}
