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
export const eventDataSource = (eventTypes: readonly EventType[]): string => {
  const shared = sharedBy(eventTypes)
  const { fieldOf, bodyOf } = createWriter(shared)
  const interfaces = [...shared].map(([text, name]) => `interface ${name} ${bodyOf(JSON.parse(text) as Schema, 0)}\n\n`)
  const fields = eventTypes.map(each => fieldOf(`'${each.type}'`, each.schema as Schema, true, each.description, 1))
  return `// Written by \`npm run generate\` from config/event-types. Change it there.

${interfaces.join('')}/** The form of \`data\` for each \`type\`. Ignore fields and types that you do not know: more may be added. */
export interface EventData {
${fields.join('')}}
`
}

/** The names of the objects that several types have, by the text of their schemas. */
const sharedBy = (eventTypes: readonly EventType[]): ReadonlyMap<string, string> => {
  const fields = eventTypes.flatMap(({ schema }) => Object.entries((schema as Schema).properties ?? {}))
  const objects = fields
    .filter(([, { type }]) => type === 'object')
    .map(([name, of]) => [name, JSON.stringify(of)] as const)
  const repeated = objects.filter(([, text], index) => objects.findIndex(([, other]) => other === text) < index)
  return new Map(repeated.map(([name, text]) => [text, `${name.charAt(0).toUpperCase()}${name.slice(1)}`]))
}

const createWriter = (shared: ReadonlyMap<string, string>) => {
  const fieldOf = (name: string, schema: Schema, required: boolean, description: string | undefined, depth: number) => {
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
    return shared.get(JSON.stringify(schema)) ?? bodyOf(schema, depth)
  }
  const bodyOf = ({ properties = {}, required = [] }: Schema, depth: number): string => {
    const fields = Object.entries(properties).map(([name, of]) =>
      fieldOf(name, of, required.includes(name), of.description, depth + 1),
    )
    return `{\n${fields.join('')}${'  '.repeat(depth)}}`
  }
  return { fieldOf, bodyOf }
}
