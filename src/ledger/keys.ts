import type { Collection, MongoClient } from 'mongodb'
import type { StoredKey } from '../domain/signing-key.ts'
import type { EpochMs } from '../domain/time.ts'
import { guarded, isDuplicate } from './faults.ts'

export type KeyDocument = Omit<StoredKey, 'kid'> & { readonly _id: string }

const toDocument = ({ kid, ...key }: StoredKey): KeyDocument => ({ _id: kid, ...key })

export const createKeys = (client: MongoClient, collection: Collection<KeyDocument>) => {
  const load = async (): Promise<StoredKey[]> =>
    (await guarded(collection.find().sort({ createdAt: 1 }).toArray())).map(({ _id, ...key }) => ({ kid: _id, ...key }))
  return {
    load,

    /** Inserts a key unless one of its use exists, as when two processes start at once. Returns the stored keys. */
    insertFirst: async (key: StoredKey): Promise<StoredKey[]> => {
      const inserted = collection.insertOne(toDocument(key)).catch((error: unknown) => {
        if (!isDuplicate(error)) throw error
      })
      await guarded(inserted)
      return load()
    },

    /**
     * Makes the next key the current one and `fresh` the next, in one transaction: there is always exactly one key that signs. Returns false
     * when another process was first.
     */
    rotate: (current: string, next: string, fresh: StoredKey, now: EpochMs): Promise<boolean> =>
      guarded(
        client.withSession(session =>
          session.withTransaction(async () => {
            const retire = { $set: { use: 'retired', retiredAt: now } } as const
            const retired = await collection.updateOne({ _id: current, use: 'current' }, retire, { session })
            if (retired.matchedCount === 0) return false
            const promote = { $set: { use: 'current', currentSince: now } } as const
            const promoted = await collection.updateOne({ _id: next, use: 'next' }, promote, { session })
            if (promoted.matchedCount === 0) throw new Error('the next key is missing')
            await collection.insertOne(toDocument(fresh), { session })
            return true
          }),
        ),
      ),

    /** Removes keys that retired before this moment. Returns their number. */
    forgetRetired: async (before: EpochMs): Promise<number> =>
      (await guarded(collection.deleteMany({ use: 'retired', retiredAt: { $lt: before } }))).deletedCount,

    /** Replaces the encrypted form of a private key, unless another process did. */
    reseal: async (kid: string, from: string, to: string): Promise<void> => {
      await guarded(collection.updateOne({ _id: kid, sealedPrivateJwk: from }, { $set: { sealedPrivateJwk: to } }))
    },
  }
}
