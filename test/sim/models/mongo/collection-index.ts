import type { IndexDescription } from 'mongodb'
import type { ModelPorts } from '../ports.ts'
import { compileFilter, type Matches } from './filter.ts'
import { at, compare, type Doc } from './values.ts'

export interface Entry {
  readonly doc: Doc
  /** The number of the operation that wrote it. */
  readonly writtenBy: number
}

/** An index: it finds documents by its first field, and refuses a second one of the same key if it is unique. */
export interface Index {
  readonly info: Doc & { readonly name: string }
  add(id: unknown, doc: Doc): void
  remove(id: unknown, doc: Doc): void
  /** True when another document than this one has the same key. */
  isTaken(id: unknown, doc: Doc): boolean
  /** The ids of the documents that may match; null when the index does not help with this filter. */
  candidates(filter: Doc): ReadonlySet<unknown> | null
}

const none: ReadonlySet<unknown> = new Set()
const scalars: readonly string[] = ['string', 'number', 'boolean']

export const createIndex = (description: IndexDescription, ports: Pick<ModelPorts, 'now'>): Index => {
  const key = description.key as Record<string, number>
  const fields = Object.keys(key)
  const [first = ''] = fields
  const partial = description.partialFilterExpression ?? {}
  const isIn: Matches = compileFilter(partial, ports)
  const byFirst = new Map<unknown, Set<unknown>>()
  const byKey = new Map<string, unknown>()
  const all = new Set<unknown>()
  const isPartial = Object.keys(partial).length > 0
  const keyOf = (doc: Doc) => JSON.stringify(fields.map(field => at(doc, field) ?? null))
  const name = description.name ?? fields.map(field => `${field}_${key[field]}`).join('_')
  const { name: _, ...options } = description
  const isUnique = description.unique === true

  return {
    info: { v: 2, name, ...options },
    add: (id, doc) => {
      if (!isIn(doc)) return
      all.add(id)
      const value = at(doc, first)
      const ids = byFirst.get(value)
      if (ids === undefined) byFirst.set(value, new Set([id]))
      else ids.add(id)
      if (isUnique) byKey.set(keyOf(doc), id)
    },
    remove: (id, doc) => {
      if (!isIn(doc)) return
      const value = at(doc, first)
      const ids = byFirst.get(value)
      ids?.delete(id)
      all.delete(id)
      if (ids?.size === 0) byFirst.delete(value)
      if (isUnique) byKey.delete(keyOf(doc))
    },
    isTaken: (id, doc) => {
      if (!isUnique || !isIn(doc)) return false
      const other = byKey.get(keyOf(doc))
      return other !== undefined && other !== id
    },
    candidates: filter => {
      for (const field in partial) if (filter[field] !== partial[field]) return null
      const wanted = filter[first]
      if (scalars.includes(typeof wanted)) return byFirst.get(wanted) ?? none
      return isPartial ? all : null
    },
  }
}

/** Orders documents as `sort` says. */
export const orderBy =
  (sort: Record<string, number>) =>
  (a: Doc, b: Doc): number => {
    for (const field in sort) {
      const order = compare(at(a, field), at(b, field))
      if (order !== 0) return order * (sort[field] ?? 1)
    }
    return 0
  }
