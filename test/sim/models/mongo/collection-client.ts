import { aggregate } from 'mingo'
import type { Client } from './client.ts'
import { watch, type WatchOptions } from './change-stream.ts'
import type { Collection } from './collection.ts'
import { createCursor, type CursorOptions, project } from './cursor.ts'
import { bulkError, Refusal, serverError } from './errors.ts'
import { busy, type Command, type MongoServer } from './server.ts'
import type { Session } from './session.ts'
import { isLocked } from './transaction.ts'
import type { Update } from './update.ts'
import { type Doc, stored } from './values.ts'
import { changedBy, noCounts, type Write, writeAll } from './writes.ts'

interface WriteOptions {
  readonly upsert?: boolean
  readonly session?: Session
  readonly ordered?: boolean
  readonly timeoutMS?: number
}

/** A collection with the methods of the driver that the ledger uses. */
export const createCollectionClient = (client: Client, database: string, name: string) => {
  const of = (server: MongoServer): Collection => server.database(database).collection(name)

  const bulk = async (kind: string, writes: readonly Write[], options: WriteOptions = {}) => {
    const { session, ordered = true, timeoutMS } = options
    const command: Command<ReturnType<typeof writeAll>> = server => {
      const collection = of(server)
      const transaction = session?.transactionOn(server, database) ?? null
      if (transaction === null) refuseWhileLocked(server, collection, writes)
      return writeAll(collection, writes, { ordered, now: server.ports.now(), transaction })
    }
    const repeats = session === undefined && !writes.some(write => 'many' in write && write.many)
    const { counts, faults } = await client.ask(command, { name: kind, writes: true, repeats, timeoutMs: timeoutMS })
    return { acknowledged: true, ...noCounts(), ...counts, faults }
  }
  const single = async (kind: string, write: Write, options?: WriteOptions) => {
    const { faults, ...result } = await bulk(kind, [write], options)
    const [fault] = faults
    if (fault === undefined) return result
    const error = serverError(new Refusal(fault.code, fault.errmsg))
    throw error
  }
  const many = async (writes: readonly Write[], options?: WriteOptions) => {
    const { faults, ...result } = await bulk('bulkWrite', writes, options)
    if (faults.length > 0) throw bulkError(faults, result)
    return result
  }
  const read =
    (filter: Doc) =>
    ({ sort, limit, projection, hint }: CursorOptions): Command<Doc[]> =>
    server => {
      const collection = of(server)
      if (hint !== undefined) refuseWithoutIndex(collection, hint)
      const page = collection.find(filter, { sort, limit: limit === 0 ? undefined : limit })
      return projection === undefined ? page : page.map(doc => project(doc, projection))
    }
  const find = (filter: Doc = {}, options: CursorOptions = {}) =>
    createCursor(client, 'find', read(stored(filter)), options)
  const update = (filter: Doc, change: Update, isMany: boolean, { upsert = false }: WriteOptions = {}): Write => ({
    type: 'update',
    filter: stored(filter),
    update: stored(change),
    many: isMany,
    upsert,
  })
  const replace = (filter: Doc, doc: Doc, upsert = false): Write => ({
    type: 'replace',
    filter: stored(filter),
    doc: stored(doc),
    upsert,
  })

  return {
    collectionName: name,
    find,
    findOne: async (filter: Doc = {}, options: CursorOptions = {}) =>
      (await find(filter, { ...options, limit: 1 }).toArray())[0] ?? null,
    countDocuments: async (filter: Doc = {}, options: CursorOptions = {}) =>
      client.ask(server => read(stored(filter))({ ...options })(server).length, { name: 'aggregate' }),
    estimatedDocumentCount: () => client.ask(server => of(server).size, { name: 'count' }),
    distinct: (field: string) =>
      client.ask(server => [...new Set([...of(server).all()].map(doc => doc[field]))], { name: 'distinct' }),
    aggregate: (pipeline: readonly Doc[]) => {
      const command: Command<readonly Doc[]> = server => {
        const [first, ...rest] = pipeline
        const isFiltered = first !== undefined && '$match' in first
        const from = isFiltered ? of(server).find(stored(first['$match'] as Doc)) : [...of(server).all()]
        return aggregate(from as never[], (isFiltered ? rest : pipeline) as never[])
      }
      return createCursor(client, 'aggregate', () => command)
    },
    insertOne: async (doc: Doc, options?: WriteOptions) => {
      await single('insert', { type: 'insert', doc: stored(doc) }, options)
      return { acknowledged: true, insertedId: doc['_id'] }
    },
    insertMany: (docs: readonly Doc[], options?: WriteOptions) =>
      many(
        docs.map(doc => ({ type: 'insert', doc: stored(doc) })),
        options,
      ),
    updateOne: (filter: Doc, change: Update, options?: WriteOptions) =>
      single('update', update(filter, change, false, options), options),
    updateMany: (filter: Doc, change: Update, options?: WriteOptions) =>
      single('update', update(filter, change, true, options), options),
    replaceOne: (filter: Doc, doc: Doc, options?: WriteOptions) =>
      single('update', replace(filter, doc, options?.upsert), options),
    deleteOne: (filter: Doc, options?: WriteOptions) =>
      single('delete', { type: 'delete', filter: stored(filter), many: false }, options),
    deleteMany: (filter: Doc, options?: WriteOptions) =>
      single('delete', { type: 'delete', filter: stored(filter), many: true }, options),
    bulkWrite: (operations: readonly Operation[], options?: WriteOptions) =>
      many(
        operations.map(operation => {
          if (operation.replaceOne !== undefined) {
            const { filter, replacement, upsert } = operation.replaceOne
            return replace(filter, replacement, upsert)
          }
          const { filter, update: change, upsert = false } = operation.updateOne
          return update(filter, change, false, { upsert })
        }),
        options,
      ),
    findOneAndUpdate: (
      filter: Doc,
      change: Update,
      { sort, returnDocument = 'before' }: { sort?: Record<string, number>; returnDocument?: 'before' | 'after' } = {},
    ) => {
      const write = update(filter, change, false) as Extract<Write, { type: 'update' }>
      const command: Command<Doc | null> = server => {
        const collection = of(server)
        const [found] = collection.find(write.filter, { sort, limit: 1 })
        if (found === undefined) return null
        if (isLocked(server.locks, collection, found['_id'])) throw busy
        const next = changedBy(found, write, server.ports.now())
        if (next !== found) collection.put('update', next)
        return returnDocument === 'after' ? next : found
      }
      return client.ask(command, { name: 'findAndModify', writes: true })
    },
    watch: (pipeline: readonly Doc[] = [], options: WatchOptions = {}) =>
      watch(client, { database, collection: name }, pipeline, options),
    indexes: () =>
      client.ask(
        server => {
          const collection = server.database(database).find(name)
          if (collection === undefined) throw new Refusal(26, `ns does not exist: ${database}.${name}`)
          return collection.indexInfos()
        },
        { name: 'listIndexes' },
      ),
    createIndexes: (descriptions: readonly Parameters<Collection['createIndex']>[0][]) =>
      client.ask(server => descriptions.forEach(each => of(server).createIndex(each)), {
        name: 'createIndexes',
        writes: true,
      }),
    dropIndex: (index: string) =>
      client.ask(server => of(server).dropIndex(index), { name: 'dropIndexes', writes: true }),
  }
}

type Operation =
  | { readonly replaceOne: { readonly filter: Doc; readonly replacement: Doc; readonly upsert?: boolean } }
  | {
      readonly replaceOne?: undefined
      readonly updateOne: { readonly filter: Doc; readonly update: Update; readonly upsert?: boolean }
    }

const refuseWithoutIndex = (collection: Collection, hint: Record<string, number>): void => {
  const wanted = JSON.stringify(Object.entries(hint))
  if (collection.indexInfos().some(({ key }) => JSON.stringify(Object.entries(key as object)) === wanted)) return
  throw new Refusal(2, 'hint provided does not correspond to an existing index')
}

/** A document that an open transaction has written makes other writes of it wait. */
const refuseWhileLocked = (server: MongoServer, collection: Collection, writes: readonly Write[]): void => {
  const held = server.locks.get(collection)
  if (held === undefined || held.size === 0) return
  for (const write of writes) {
    const ids = write.type === 'insert' ? [write.doc['_id']] : collection.find(write.filter).map(({ _id }) => _id)
    if (ids.some(id => held.has(id))) throw busy
  }
}
