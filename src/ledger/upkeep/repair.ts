import { type Db, MongoServerError } from 'mongodb'
import { indexes } from '../indexes.ts'
import type { CollectionName } from '../validators.ts'
import type { Repair } from './finding.ts'
import { validationOf } from './needed.ts'

export type Wait = (ms: number) => Promise<unknown>

/** The server's codes for what another process did first. */
const exists = 48
const indexNotFound = 27
/** Another process is building an index of this collection. */
const indexIsBeingBuilt = 12_587
const retryMs = 200

/** Carries out a repair. Two processes may do the same one at once. Rejects with the driver's error. */
export const repair = async (db: Db, order: Repair, wait: Wait): Promise<void> => {
  const collection = db.collection(order.collection)
  switch (order.type) {
    case 'create': {
      await unlessBuilding(() => createOrModify(db, order.collection), wait)
      const wanted = indexes[order.collection]
      if (wanted.length > 0) await collection.createIndexes([...wanted])
      return
    }
    case 'validate':
      return unlessBuilding(() => modify(db, order.collection, validationOf(order.collection)), wait)
    case 'index':
      for (const name of order.drop) await unlessDropped(collection.dropIndex(name))
      await collection.createIndexes([order.index])
      return
    case 'alter':
      return unlessBuilding(() => modify(db, order.collection, { index: { name: order.index, ...order.change } }), wait)
    case 'drop':
      return unlessDropped(collection.dropIndex(order.index))
  }
}

const createOrModify = async (db: Db, name: CollectionName): Promise<void> => {
  try {
    await db.createCollection(name, validationOf(name))
  } catch (error) {
    if (codeOf(error) !== exists) throw error
    await modify(db, name, validationOf(name))
  }
}

const modify = async (db: Db, name: CollectionName, change: object): Promise<void> =>
  void (await db.command({ collMod: name, ...change }))

const unlessBuilding = async (work: () => Promise<void>, wait: Wait): Promise<void> => {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (codeOf(error) !== indexIsBeingBuilt) throw error
      await wait(retryMs)
    }
  }
}

const unlessDropped = async (dropping: Promise<unknown>): Promise<void> => {
  try {
    await dropping
  } catch (error) {
    if (codeOf(error) !== indexNotFound) throw error
  }
}

export const codeOf = (error: unknown): unknown => (error instanceof MongoServerError ? error.code : undefined)
