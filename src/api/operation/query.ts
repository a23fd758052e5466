import type { Context } from 'koa'
import { type TObject, Type } from 'typebox'
import { Failure, type Fault } from '../../domain/failure.ts'
import { compileCheck } from '../../intake/validation.ts'
import type { CallMiddleware } from './call.ts'
import type { Operation } from './operation.ts'
import { closed } from '../http/wire.ts'

const noQuery = Type.Object({}, closed)

/** Reads the query into `context.state.query`, by the operation’s schema. */
export const readQuery = ({ query = noQuery }: Operation): CallMiddleware => {
  const read = createQueryReader(query)
  return (context, next) => {
    context.state.query = read(context)
    return next()
  }
}

/**
 * Throws Failure `invalid_request` for an unknown, a repeated and an empty parameter: a misspelt filter that is ignored would answer with
 * everything.
 */
const createQueryReader = (schema: TObject): ((context: Pick<Context, 'querystring' | 'query'>) => object) => {
  const check = compileCheck(schema)
  const properties = schema.properties as Readonly<Record<string, { type?: string }>>
  const known = Object.keys(properties)
  const needsNone = check({}).length === 0
  return context => {
    // The way of every check-in: there is nothing to parse and nothing to check.
    if (context.querystring === '' && needsNone) return {}
    const read: Record<string, unknown> = {}
    for (const [name, text] of Object.entries(context.query)) {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (property === undefined) throw unknownName(name, known)
      if (typeof text !== 'string') throw new Failure('invalid_request', `The query has ${name} more than once.`)
      if (text === '')
        throw new Failure('invalid_request', `The query’s ${name} is empty: give it a value, or leave it out.`)
      read[name] = valueOf(text, property.type)
    }
    const [fault] = check(read)
    if (fault !== undefined)
      throw new Failure(
        'invalid_request',
        `The query’s ${fault.pointer.slice(1)} ${fault.detail}.${hintFor(read, fault)}`,
      )
    return read
  }
}

/** A plus sign that was not encoded arrives as a space, as in `from=2026-03-02T08:00:00+01:00`. */
const hintFor = (read: Readonly<Record<string, unknown>>, { pointer }: Fault): string => {
  const text = read[pointer.slice(1)]
  return typeof text === 'string' && text.includes(' ') ? ' In a query a + means a space: write it as %2B.' : ''
}

const unknownName = (name: string, known: readonly string[]) =>
  new Failure(
    'invalid_request',
    known.length === 0
      ? `This call takes no query: remove "${name.slice(0, 60)}".`
      : `The query has an unknown parameter "${name.slice(0, 60)}". Known: ${known.join(', ')}.`,
  )

/** Text that is no number or boolean stays text, so that the check can say what it should be. */
const valueOf = (text: string, type: string | undefined): unknown => {
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}
