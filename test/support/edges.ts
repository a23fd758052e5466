/** The parts of a JSON Schema that the requests of the API use. */
interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly maxProperties?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
}

/** A value beside a limit of a schema, and what the limit is. */
export interface Edge {
  readonly at: string
  readonly value: unknown
  readonly isValid: boolean
}

const edge = (at: string, value: unknown, isValid: boolean): Edge => ({ at, value, isValid })

/** A text of this length that fits the pattern, which here is a class of characters that contains `a`, `x` or a digit. */
const textOf = (length: number, pattern = '') =>
  ['a', '1', 'x'].map(letter => letter.repeat(length)).find(text => new RegExp(pattern).test(text)) ??
  'a'.repeat(length)

/** Some valid value. */
export const sampleOf = (schema: Schema): unknown => {
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.anyOf !== undefined) return sampleOf(schema.anyOf[0] ?? {})
  if (schema.format === 'date-time') return '2026-03-01T00:00:00Z'
  if (schema.type === 'string') return textOf(Math.max(1, schema.minLength ?? 1), schema.pattern)
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? schema.maximum ?? 1
  if (schema.type === 'boolean') return true
  if (schema.type === 'null') return null
  if (schema.type === 'array') return Array.from({ length: schema.minItems ?? 1 }, () => sampleOf(schema.items ?? {}))
  const required = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name))
  return Object.fromEntries(required.map(([name, inner]) => [name, sampleOf(inner)]))
}

/** Each limit of a schema, at every depth, with a value just inside of it and one just outside. */
export const edgesOf = (schema: Schema, at = ''): readonly Edge[] => {
  const { type, anyOf, properties, patternProperties } = schema
  if (schema.const !== undefined)
    return [edge(`${at} const`, schema.const, true), edge(`${at} const`, 'another', false)]
  if (schema.enum !== undefined)
    return [...schema.enum.map(value => edge(`${at} enum`, value, true)), edge(`${at} enum`, 'another', false)]
  // A value outside of one member may be inside of another.
  if (anyOf !== undefined) {
    const all = anyOf.flatMap((member, index) => edgesOf(member, `${at}|${index}`))
    return all.filter(each => each.at.split(' ')[1] !== 'type' || each.at.slice(at.length).includes('/'))
  }
  if (type === 'string') return textEdges(schema, at)
  if (type === 'integer' || type === 'number') return numberEdges(schema, at)
  if (type === 'boolean') return [edge(at, true, true), edge(at, false, true), edge(`${at} type`, 'true', false)]
  if (type === 'array') return arrayEdges(schema, at)
  if (type !== 'object') return []
  const base = sampleOf(schema) as Readonly<Record<string, unknown>>
  const inner = Object.entries(properties ?? {}).flatMap(([name, each]) =>
    edgesOf(each, `${at}/${name}`).map(one => ({ ...one, value: { ...base, [name]: one.value } })),
  )
  const missing = (schema.required ?? []).map(name =>
    edge(`${at} required ${name}`, Object.fromEntries(Object.entries(base).filter(([each]) => each !== name)), false),
  )
  const extra =
    schema.additionalProperties === false && !patternProperties
      ? [edge(`${at} closed`, { ...base, extra: 1 }, false)]
      : []
  return [...inner, ...missing, ...extra, ...mapEdges(schema, at), edge(`${at} type`, 'text', false)]
}

const textEdges = ({ pattern, format, minLength, maxLength }: Schema, at: string): readonly Edge[] => {
  const longest = maxLength ?? Number(/\{1,(\d+)\}/.exec(pattern ?? '')?.[1] ?? Number.NaN)
  return [
    edge(`${at} type`, 7, false),
    ...(format === undefined
      ? []
      : [edge(`${at} format`, '2026-03-01T00:00:00Z', true), edge(`${at} format`, '1 March', false)]),
    ...(Number.isNaN(longest)
      ? []
      : [
          edge(`${at} longest`, textOf(longest, pattern), true),
          edge(`${at} longest`, textOf(longest + 1, pattern), false),
        ]),
    ...(minLength === undefined ? [] : [edge(`${at} shortest`, '', false)]),
    ...(pattern === undefined ? [] : [edge(`${at} pattern`, '\u0000', false)]),
  ]
}

const numberEdges = ({ type, minimum, maximum }: Schema, at: string): readonly Edge[] => [
  edge(`${at} type`, '7', false),
  ...(type === 'integer' ? [edge(`${at} whole`, (minimum ?? 0) + 0.5, false)] : []),
  ...(minimum === undefined
    ? []
    : [edge(`${at} least`, minimum, true), edge(`${at} least`, minimum - (type === 'integer' ? 1 : 0.01), false)]),
  ...(maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER
    ? []
    : [edge(`${at} most`, maximum, true), edge(`${at} most`, maximum + (type === 'integer' ? 1 : 0.01), false)]),
]

const arrayEdges = ({ items = {}, minItems = 0, maxItems, uniqueItems }: Schema, at: string): readonly Edge[] => {
  const sample = sampleOf(items)
  const listOf = (length: number) =>
    Array.from({ length }, (_, index) =>
      uniqueItems === true && typeof sample === 'string' && items.enum === undefined ? `${sample}${index}` : sample,
    )
  return [
    edge(`${at} type`, sample, false),
    ...edgesOf(items, `${at}/0`).map(one => ({ ...one, value: [one.value] })),
    ...(minItems > 0 ? [edge(`${at} fewest`, listOf(minItems - 1), false)] : []),
    ...(maxItems === undefined
      ? []
      : [edge(`${at} most`, listOf(maxItems), true), edge(`${at} most`, listOf(maxItems + 1), false)]),
    ...(uniqueItems === true ? [edge(`${at} unique`, [sample, sample], false)] : []),
  ]
}

const mapEdges = ({ patternProperties, maxProperties }: Schema, at: string): readonly Edge[] =>
  Object.entries(patternProperties ?? {}).flatMap(([pattern, inner]) => {
    const mapOf = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, sampleOf(inner)]))
    const longest = Number(/\{1,(\d+)\}/.exec(pattern)?.[1])
    return [
      ...edgesOf(inner, `${at}/x`).map(one => ({ ...one, value: { x: one.value } })),
      edge(`${at} longest name`, { [textOf(longest)]: sampleOf(inner) }, true),
      edge(`${at} longest name`, { [textOf(longest + 1)]: sampleOf(inner) }, false),
      edge(`${at} name`, { 'a b': sampleOf(inner) }, false),
      ...(maxProperties === undefined
        ? []
        : [edge(`${at} most`, mapOf(maxProperties), true), edge(`${at} most`, mapOf(maxProperties + 1), false)]),
    ]
  })
