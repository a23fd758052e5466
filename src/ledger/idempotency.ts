import type { Collection } from 'mongodb'
import type { EpochMs } from '../domain/time.ts'
import { guarded, isDuplicate } from './faults.ts'

/** A request with an Idempotency-Key. `answer` is sealed, since it may show a secret; it is there once the request was worked on. */
export interface IdempotencyDocument {
  readonly _id: string
  readonly fingerprint: string
  readonly begunAt: EpochMs
  readonly answer?: string
  readonly expireAt: Date
}

export type Begun =
  | { readonly state: 'ours' }
  | { readonly state: 'under_way' }
  | { readonly state: 'answered'; readonly answer: string }
  /** The key stands for a request with another body. */
  | { readonly state: 'another' }

export const keepKeysMs = 24 * 60 * 60_000
/** Whoever began it has died by then: a request is answered or cut off long before. */
const abandonedAfterMs = 60_000

/** Requests by their Idempotency-Key, kept for 24 hours. */
export const createIdempotency = (collection: Collection<IdempotencyDocument>) => ({
  /** Claims the request, or tells what has become of it. */
  begin: async (id: string, fingerprint: string, now: EpochMs): Promise<Begun> => {
    const document = { _id: id, fingerprint, begunAt: now, expireAt: new Date(now + keepKeysMs) }
    const isNew = collection.insertOne(document).then(
      () => true,
      (error: unknown) => {
        if (isDuplicate(error)) return false
        throw error
      },
    )
    if (await guarded(isNew)) return { state: 'ours' }
    const found = await guarded(collection.findOne({ _id: id }))
    if (found === null) return { state: 'under_way' }
    if (found.fingerprint !== fingerprint) return { state: 'another' }
    if (found.answer !== undefined) return { state: 'answered', answer: found.answer }
    if (found.begunAt > now - abandonedAfterMs) return { state: 'under_way' }
    const taken = { _id: id, begunAt: found.begunAt, answer: { $exists: false } }
    const { matchedCount } = await guarded(collection.updateOne(taken, { $set: { begunAt: now } }))
    return { state: matchedCount === 1 ? 'ours' : 'under_way' }
  },

  finish: async (id: string, answer: string): Promise<void> => {
    await guarded(collection.updateOne({ _id: id }, { $set: { answer } }))
  },

  /** It came to nothing: the key may be used again. */
  forget: async (id: string): Promise<void> => {
    await guarded(collection.deleteOne({ _id: id, answer: { $exists: false } }))
  },
})
