import type { ModelPorts } from '../ports.ts'
import type { Collection } from './collection.ts'
import { duplicateKey, writeConflict } from './errors.ts'
import { compileFilter } from './filter.ts'
import type { Doc } from './values.ts'

/** The part of a collection that a write needs. */
export type Target = Pick<Collection, 'find' | 'put' | 'remove'>

/**
 * The writes of a transaction, invisible to others until it commits. It reads from the moment of its start, and a write of a document that
 * somebody changed since is refused with a write conflict, as one that another open transaction has written.
 */
export interface Transaction {
  on(collection: Collection): Target
  /** Makes the writes visible. Throws Refusal, and changes nothing then. */
  commit(): void
  abort(): void
}

/** The documents that open transactions have written, by collection. */
export type Locks = Map<Collection, Map<unknown, Transaction>>

export const isLocked = (locks: Locks, collection: Collection, id: unknown): boolean =>
  locks.get(collection)?.has(id) === true

interface Written {
  readonly type: 'insert' | 'replace' | 'update' | 'delete'
  readonly doc: Doc | null
}

export const createTransaction = (locks: Locks, startedAt: number, ports: Pick<ModelPorts, 'now'>): Transaction => {
  const written = new Map<Collection, Map<unknown, Written>>()

  const release = () => {
    for (const held of locks.values()) for (const [id, owner] of held) if (owner === transaction) held.delete(id)
    written.clear()
  }
  const lock = (collection: Collection, id: unknown) => {
    const held = locks.get(collection) ?? new Map<unknown, Transaction>()
    locks.set(collection, held)
    const other = held.get(id)
    const changedAt = collection.get(id)?.writtenBy ?? 0
    if ((other !== undefined && other !== transaction) || changedAt > startedAt) throw writeConflict()
    held.set(id, transaction)
  }
  const on = (collection: Collection): Target => {
    const own = written.get(collection) ?? new Map<unknown, Written>()
    written.set(collection, own)
    return {
      find: filter => {
        const matches = compileFilter(filter, ports)
        const base = collection.find(filter).filter(({ _id }) => !own.has(_id))
        return [...base, ...[...own.values()].flatMap(({ doc }) => (doc !== null && matches(doc) ? [doc] : []))]
      },
      put: (type, doc) => {
        const id = doc['_id']
        if (type === 'insert' && (own.get(id)?.doc ?? collection.get(id)) !== undefined)
          throw duplicateKey(collection.name, '_id_')
        lock(collection, id)
        own.set(id, { type: own.get(id)?.type === 'insert' ? 'insert' : type, doc })
      },
      remove: id => {
        lock(collection, id)
        own.set(id, { type: 'delete', doc: null })
      },
    }
  }
  const transaction: Transaction = {
    on,
    commit: () => {
      const undone: (() => void)[] = []
      try {
        for (const [collection, own] of written)
          for (const [id, { type, doc }] of own) {
            const before = collection.get(id)?.doc
            if (doc === null) collection.remove(id)
            else collection.put(type === 'delete' ? 'update' : type, doc)
            undone.unshift(() => (before === undefined ? collection.remove(id) : collection.put('update', before)))
          }
      } catch (error) {
        for (const undo of undone) undo()
        throw error
      } finally {
        release()
      }
    },
    abort: release,
  }
  return transaction
}
