import type { IndexDescription } from 'mongodb'
import type { ModelPorts } from '../ports.ts'
import { duplicateKey, invalidDocument, Refusal } from './errors.ts'
import { compileFilter } from './filter.ts'
import { createIndex, type Entry, type Index, orderBy } from './collection-index.ts'
import { compileSchema, type Validates } from './schema.ts'
import type { Doc } from './values.ts'

export type Change =
  | { readonly type: 'insert' | 'replace' | 'update'; readonly id: unknown; readonly doc: Doc }
  | { readonly type: 'delete'; readonly id: unknown }

/** The documents of a collection with its indexes and its validator, as the primary has them. */
export interface Collection {
  readonly name: string
  /** Another one after the collection was dropped and created again. */
  readonly uuid: string
  options: Doc
  get(id: unknown): Entry | undefined
  /** The first documents that match, in the order of `sort`, or in any. */
  find(filter: Doc, options?: FindOptions): Doc[]
  readonly size: number
  all(): Iterable<Doc>
  /** Checks and writes a document. Throws Refusal, and changes nothing then. */
  put(type: 'insert' | 'replace' | 'update', doc: Doc): void
  remove(id: unknown): void
  /** What `listIndexes` answers. */
  indexInfos(): readonly Doc[]
  createIndex(description: IndexDescription): void
  dropIndex(name: string): void
}

export interface FindOptions {
  readonly sort?: Record<string, number> | undefined
  /** Default: all */
  readonly limit?: number | undefined
}

interface Options {
  readonly name: string
  readonly uuid: string
  readonly options: Doc
  readonly ports: Pick<ModelPorts, 'now'>
  /** Called after each change. Returns the number of the operation. */
  readonly onChange: (change: Change) => number
}

export const createCollection = ({ name, uuid, options, ports, onChange }: Options): Collection => {
  const entries = new Map<unknown, Entry>()
  let indexes: readonly Index[] = []
  const validators = new Map<unknown, Validates>()

  const validatorOf = (validator: unknown): Validates => {
    const known = validators.get(validator)
    if (known !== undefined) return known
    const schema = (validator as { $jsonSchema?: Doc } | undefined)?.$jsonSchema
    const compiled = schema === undefined ? () => true : compileSchema(schema)
    validators.set(validator, compiled)
    return compiled
  }

  /** The ids that may match; null for all. */
  const candidatesOf = (filter: Doc): Iterable<unknown> | null => {
    const { _id } = filter
    if (typeof _id === 'string' || typeof _id === 'number') return [_id]
    const listed = (_id as { $in?: unknown } | undefined)?.$in
    // In the order of the index, as the server finds them.
    if (Array.isArray(listed)) return [...new Set(listed)].toSorted()
    let fewest: ReadonlySet<unknown> | null = null
    for (const index of indexes) {
      const found = index.candidates(filter)
      if (found !== null && (fewest === null || found.size < fewest.size)) fewest = found
    }
    return fewest
  }

  return {
    name,
    uuid,
    options,
    get: id => entries.get(id),
    find: (filter, { sort, limit = Infinity } = {}) => {
      const matches = compileFilter(filter, ports)
      const found: Doc[] = []
      const order = sort === undefined ? null : orderBy(sort)
      const take = (doc: Doc | undefined) => {
        if (doc === undefined || !matches(doc)) return
        if (order === null || limit !== 1) found.push(doc)
        else if (found[0] === undefined || order(doc, found[0]) < 0) found[0] = doc
      }
      const ids = candidatesOf(filter)
      const docs = ids === null ? entries.values() : ids
      for (const each of docs) {
        take(ids === null ? (each as Entry).doc : entries.get(each)?.doc)
        if (order === null && found.length >= limit) return found
      }
      return order === null || limit === 1 ? found : found.toSorted(order).slice(0, limit)
    },
    get size() {
      return entries.size
    },
    *all() {
      for (const { doc } of entries.values()) yield doc
    },
    put(type, doc) {
      const id = doc['_id']
      if (id === undefined) throw new Error('the model of MongoDB gives no ids: name one')
      const before = entries.get(id)
      if (type === 'insert' && before !== undefined) throw duplicateKey(name, '_id_')
      if (this.options['validationLevel'] !== 'off' && !validatorOf(this.options['validator'])(doc))
        throw invalidDocument()
      for (const index of indexes) if (index.isTaken(id, doc)) throw duplicateKey(name, index.info.name)
      for (const index of indexes) {
        if (before !== undefined) index.remove(id, before.doc)
        index.add(id, doc)
      }
      entries.set(id, { doc, writtenBy: onChange({ type, id, doc }) })
    },
    remove: id => {
      const before = entries.get(id)
      if (before === undefined) return
      entries.delete(id)
      for (const index of indexes) index.remove(id, before.doc)
      onChange({ type: 'delete', id })
    },
    indexInfos: () => [{ v: 2, name: '_id_', key: { _id: 1 } }, ...indexes.map(({ info }) => info)],
    createIndex: description => {
      const index = createIndex(description, ports)
      if (indexes.some(each => each.info.name === index.info.name)) return
      for (const [id, { doc }] of entries) {
        if (index.isTaken(id, doc)) throw duplicateKey(name, index.info.name)
        index.add(id, doc)
      }
      indexes = [...indexes, index]
    },
    dropIndex: dropped => {
      if (!indexes.some(each => each.info.name === dropped))
        throw new Refusal(27, `index not found with name ${dropped}`)
      indexes = indexes.filter(each => each.info.name !== dropped)
    },
  }
}
