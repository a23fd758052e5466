import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type CollectionInfo, type Db, type Document, MongoServerError } from 'mongodb'
import { failureOfLedger, guarded, unhurried } from './faults.ts'
import { indexes } from './indexes.ts'
import { type CollectionName, validators } from './validators.ts'

const alreadyExists = 48
/** Another process is building an index of this collection. */
const indexIsBeingBuilt = 12_587
const retryMs = 200

/**
 * Creates missing collections with their validators and indexes, and brings the others up to date: all at the same time, since each request
 * waits for the server's disk. A collection that has its validator is not modified, because that stops its readers and writers for a
 * moment. Two processes may start at once.
 */
export const ensureCollections = async (db: Db, wait: Wait = setTimeout): Promise<void> => {
  const found = await guarded(db.listCollections<CollectionInfo>({ type: 'collection' }).toArray())
  const options = new Map(found.map(({ name, options: each }) => [name, each]))
  const names = Object.keys(validators) as CollectionName[]
  await Promise.all(names.map(name => ensureCollection(db, name, wait, options.get(name))))
}

type Wait = (ms: number) => Promise<unknown>

const ensureCollection = async (db: Db, name: CollectionName, wait: Wait, found?: Document): Promise<void> => {
  const validation = {
    validator: { $jsonSchema: { bsonType: 'object', ...validators[name] } },
    validationLevel: 'strict',
    validationAction: 'error',
  }
  if (!isDeepStrictEqual(found, validation)) await setValidation(db, name, validation, wait)
  if (indexes[name].length > 0) await unhurried(db.collection(name).createIndexes([...indexes[name]]))
}

const setValidation = async (db: Db, name: string, validation: Document, wait: Wait): Promise<void> => {
  for (;;) {
    try {
      return await createOrModify(db, name, validation)
    } catch (error) {
      if (codeOf(error) !== indexIsBeingBuilt) throw failureOfLedger(error)
      await wait(retryMs)
    }
  }
}

const createOrModify = async (db: Db, name: string, validation: Document): Promise<void> => {
  try {
    await db.createCollection(name, validation)
  } catch (error) {
    if (codeOf(error) !== alreadyExists) throw error
    await db.command({ collMod: name, ...validation })
  }
}

const codeOf = (error: unknown): unknown => (error instanceof MongoServerError ? error.code : undefined)
