import type { Client } from './client.ts'
import type { Command } from './server.ts'
import type { Doc } from './values.ts'

export interface CursorOptions {
  sort?: Record<string, number>
  limit?: number
  projection?: Record<string, number>
  readonly hint?: Record<string, number>
  maxTimeMS?: number
}

/** The part of a cursor that the ledger uses. */
export const createCursor = (
  client: Client,
  name: string,
  read: (options: CursorOptions) => Command<readonly Doc[]>,
  given: CursorOptions = {},
) => {
  const options = { ...given }
  const toArray = () => client.ask(read(options), { name }).then(found => [...found])
  const cursor = {
    sort: (sort: Record<string, number>) => {
      options.sort = sort
      return cursor
    },
    limit: (limit: number) => {
      options.limit = limit
      return cursor
    },
    project: (projection: Record<string, number>) => {
      options.projection = projection
      return cursor
    },
    maxTimeMS: (ms: number) => {
      options.maxTimeMS = ms
      return cursor
    },
    toArray,
    async *[Symbol.asyncIterator]() {
      yield* await toArray()
    },
  }
  return cursor
}

/** Leaves the fields that a projection names, or all but those. */
export const project = (doc: Doc, projection: Record<string, number> | undefined): Doc => {
  if (projection === undefined) return doc
  const others = Object.keys(projection).filter(field => field !== '_id')
  const includes = others.length === 0 ? projection['_id'] === 1 : others.some(field => projection[field] === 1)
  const keep = (field: string) =>
    field === '_id' ? projection['_id'] !== 0 : includes ? projection[field] === 1 : projection[field] !== 0
  return Object.fromEntries(Object.entries(doc).filter(([field]) => keep(field)))
}
