import type { Collection } from 'mongodb'
import { dayMs, type EpochMs } from '../domain/time.ts'
import { guarded, isDuplicate } from './faults.ts'

/** A request with an Idempotency-Key. `answer` is set once the request was processed; it is sealed, since it may contain a secret. */
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
  /** The key belongs to a request with another body. */
  | { readonly state: 'another' }

export const keepKeysMs = dayMs
/** A request without an answer after this time is abandoned: every request is answered or cut off long before. */
const abandonedAfterMs = 60_000

/** Requests by their Idempotency-Key, kept for 24 hours. */
export const createIdempotency = (collection: Collection<IdempotencyDocument>) => ({
  /** Claims the request, or returns its state. */
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

  /** Releases the key of a request that failed. */
  forget: async (id: string): Promise<void> => {
    await guarded(collection.deleteOne({ _id: id, answer: { $exists: false } }))
  },
})
