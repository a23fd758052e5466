import type { Context } from 'koa'
import type { Static, TObject } from 'typebox'
import { Failure } from '../../domain/failure.ts'
import { compileCheck } from '../../intake/validation.ts'

/**
 * Reads a request's query by a schema of text, integer, number and boolean parameters. Throws Failure `invalid_request` for a name
 * that it does not know, a repeated one and an empty one: ignoring a misspelt filter would answer with everything.
 */
export const createQueryReader = <Q extends TObject>(schema: Q): ((context: Context) => Static<Q>) => {
  const check = compileCheck(schema)
  const properties = schema.properties as Readonly<Record<string, { type?: string }>>
  const known = Object.keys(properties)
  const needsNone = check({}).length === 0
  return context => {
    // The way of every check-in: nothing to parse, nothing to check.
    if (context.querystring === '' && needsNone) return {} as Static<Q>
    const { query } = context
    const read: Record<string, unknown> = {}
    for (const [name, text] of Object.entries(query)) {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (property === undefined) throw unknownName(name, known)
      if (typeof text !== 'string') throw new Failure('invalid_request', `The query names ${name} more than once.`)
      if (text === '')
        throw new Failure('invalid_request', `The query’s ${name} is empty: give a value, or leave it out.`)
      read[name] = valueOf(text, property.type)
    }
    const [fault] = check(read)
    if (fault !== undefined)
      throw new Failure('invalid_request', `The query’s ${fault.pointer.slice(1)} ${fault.detail}.`)
    return read as Static<Q>
  }
}

const unknownName = (name: string, known: readonly string[]) =>
  new Failure(
    'invalid_request',
    known.length === 0
      ? `This call takes no query; remove "${name.slice(0, 60)}".`
      : `The query knows no "${name.slice(0, 60)}", only: ${known.join(', ')}.`,
  )

/** What is no number stays text, so that the check can say what it should be. */
const valueOf = (text: string, type: string | undefined): unknown => {
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}
