import type { EventType } from '../../config/event-types/event-type.ts'

/** The part of JSON Schema that the catalogue uses. */
interface Schema {
  readonly type?: string
  readonly description?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

/** Writes the source of `src/receiver/event-data.ts`: the types of `data`, from the schemas that intake validates. Throws for a schema that it cannot express in TypeScript. */
export const eventDataSource = (eventTypes: readonly EventType[]): string =>
  `// Written by \`npm run generate\` from config/event-types. Change it there.

/** The form of \`data\` for each \`type\`. Ignore fields and types that you do not know: more may be added. */
export interface EventData {
${eventTypes.map(({ type, description, schema }) => field(`'${type}'`, schema as Schema, true, description, 1)).join('')}}
`

const field = (name: string, schema: Schema, required: boolean, description: string | undefined, depth: number) => {
  const indent = '  '.repeat(depth)
  const words = [description, schema.format === 'date-time' ? 'RFC 3339' : undefined].filter(Boolean).join('; ')
  const comment = words === '' ? '' : `${indent}/** ${words} */\n`
  return `${comment}${indent}readonly ${name}${required ? '' : '?'}: ${typeOf(schema, depth)}\n`
}

const typeOf = (schema: Schema, depth: number): string => {
  if (schema.type === 'string') return 'string'
  if (schema.type === 'integer' || schema.type === 'number') return 'number'
  if (schema.type === 'boolean') return 'boolean'
  if (schema.type !== 'object') throw new Error(`This schema has no TypeScript form: ${JSON.stringify(schema)}.`)
  const { properties = {}, required = [] } = schema
  const fields = Object.entries(properties).map(([name, of]) =>
    field(name, of, required.includes(name), of.description, depth + 1),
  )
  return `{\n${fields.join('')}${'  '.repeat(depth)}}`
}
