import type { Context } from 'koa'
import { Failure } from '../domain/failure.ts'

/**
 * The parameters of a request's query. Throws Failure `invalid_request` for a name that is not among `names`, a repeated one and
 * an empty one: ignoring a misspelt filter would answer with everything.
 */
export const readQuery = <Name extends string>(
  { query }: Context,
  names: readonly Name[],
): Partial<Record<Name, string>> => {
  const isKnown = (name: string): name is Name => names.some(known => known === name)
  const read: Partial<Record<Name, string>> = {}
  for (const [name, value] of Object.entries(query)) {
    if (!isKnown(name))
      throw new Failure('invalid_request', `The query knows no "${name.slice(0, 60)}", only: ${names.join(', ')}.`)
    if (typeof value !== 'string') throw new Failure('invalid_request', `The query names ${name} more than once.`)
    if (value === '')
      throw new Failure('invalid_request', `The query’s ${name} is empty: give a value, or leave it out.`)
    read[name] = value
  }
  return read
}
