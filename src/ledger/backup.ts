import { BSON, type Db, type Document } from 'mongodb'
import { Failure } from '../domain/failure.ts'
import { connectDatabase } from './database.ts'

export interface DatabasePlace {
  readonly url: string
  readonly database: string
}

/**
 * Reads every document of the database, collection by collection in the order of ids, as BSON, the format of mongodump's files. Every document
 * that exists at the start is saved; one that changes during the backup is saved in its old or its new form.
 */
export const saveDatabase = (
  place: DatabasePlace,
  write: (collection: string, documents: Uint8Array) => Promise<unknown>,
): Promise<Record<string, number>> =>
  opened(place, async db => {
    const counts: Record<string, number> = {}
    const found = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray()
    for (const { name } of found.filter(
      each => !each.name.startsWith('system.') && !ofThisDatabase.includes(each.name),
    )) {
      counts[name] = 0
      let batch: Uint8Array[] = []
      for await (const document of db.collection(name).find().sort({ _id: 1 })) {
        counts[name] += 1
        if (batch.push(BSON.serialize(document)) < documentsAtOnce) continue
        await write(name, Buffer.concat(batch))
        batch = []
      }
      await write(name, Buffer.concat(batch))
    }
    return counts
  })

/** Inserts saved documents into an empty database. Throws Failure `conflict` when it is not empty. */
export const restoreDatabase = (
  place: DatabasePlace,
  collections: readonly string[],
  read: (collection: string) => AsyncIterable<Uint8Array>,
): Promise<void> =>
  opened(place, async db => {
    const present = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray()
    if (present.length > 0)
      throw new Failure(
        'conflict',
        `The database ${place.database} holds data: a backup can only be restored into an empty one.`,
      )
    for (const name of collections) {
      let batch: Document[] = []
      const insert = async () => {
        if (batch.length > 0) await db.collection(name).insertMany(batch)
        batch = []
      }
      for await (const document of documentsOf(read(name)))
        if (batch.push(BSON.deserialize(document)) === documentsAtOnce) await insert()
      await insert()
    }
  })

const documentsAtOnce = 500

/**
 * `upkeep` says which release created validators and indexes here, which a backup does not hold. `progress` is of a later moment than the stream, which
 * is saved first and has the positions of its consumers.
 */
const ofThisDatabase: readonly string[] = ['upkeep', 'progress']

/** Splits chunks of any size into documents; each document begins with its length (BSON specification 1.1). */
async function* documentsOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk])
    let at = 0
    for (; rest.length - at >= 4 && rest.length - at >= rest.readInt32LE(at); at += rest.readInt32LE(at))
      yield rest.subarray(at, at + rest.readInt32LE(at))
    rest = rest.subarray(at)
  }
  if (rest.length > 0) throw new Failure('conflict', 'A file of the backup ends in the middle of a document.')
}

const opened = async <T>({ url, database }: DatabasePlace, work: (db: Db) => Promise<T>): Promise<T> => {
  const { client, db } = await connectDatabase(url, database)
  try {
    return await work(db)
  } finally {
    await client.close()
  }
}
