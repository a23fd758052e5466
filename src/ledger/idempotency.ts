import type { Collection } from 'mongodb'
import { dayMs, type EpochMs } from '../domain/time.ts'
import { guarded, isDuplicate } from './faults.ts'

/** A request with an Idempotency-Key. `answer` is set once the request was processed; it is sealed, since it may contain a secret. */
export interface IdempotencyDocument {
  readonly _id: string
  readonly fingerprint: string
  readonly begunAt: EpochMs
  /** When a request with this key first began, if another one took over since. */
  readonly firstAt?: EpochMs
  readonly answer?: string
  readonly expireAt: Date
}

export type Begun =
  /** `at` is when the first request with the key began; `isRepeated`: that was an earlier one. */
  | { readonly state: 'ours'; readonly at: EpochMs; readonly isRepeated: boolean }
  | { readonly state: 'under_way'; readonly at: EpochMs }
  | { readonly state: 'answered'; readonly answer: string }
  /** The key belongs to a request with another body. */
  | { readonly state: 'another' }

export const keepKeysMs = dayMs
/** A request without an answer after this time is abandoned: every request is answered or cut off long before. */
const abandonedAfterMs = 60_000

/** Requests by their Idempotency-Key, kept for 24 hours. */
export const createIdempotency = (collection: Collection<IdempotencyDocument>) => {
  const begin = async (id: string, fingerprint: string, now: EpochMs): Promise<Begun> => {
    const document = { _id: id, fingerprint, begunAt: now, expireAt: new Date(now + keepKeysMs) }
    const isNew = collection.insertOne(document).then(
      () => true,
      (error: unknown) => {
        if (isDuplicate(error)) return false
        throw error
      },
    )
    if (await guarded(isNew)) return { state: 'ours', at: now, isRepeated: false }
    const found = await guarded(collection.findOne({ _id: id }))
    // It was released in between.
    if (found === null) return begin(id, fingerprint, now)
    if (found.fingerprint !== fingerprint) return { state: 'another' }
    if (found.answer !== undefined) return { state: 'answered', answer: found.answer }
    const at = found.firstAt ?? found.begunAt
    if (found.begunAt > now - abandonedAfterMs) return { state: 'under_way', at }
    const taken = { _id: id, begunAt: found.begunAt, answer: { $exists: false } }
    const { matchedCount } = await guarded(collection.updateOne(taken, { $set: { begunAt: now, firstAt: at } }))
    return matchedCount === 1 ? { state: 'ours', at, isRepeated: true } : { state: 'under_way', at }
  }
  return {
    /** Claims the request, or returns its state. */
    begin,

    finish: async (id: string, answer: string): Promise<void> => {
      await guarded(collection.updateOne({ _id: id }, { $set: { answer } }))
    },

    /** Releases the key of a request that failed. */
    forget: async (id: string): Promise<void> => {
      await guarded(collection.deleteOne({ _id: id, answer: { $exists: false } }))
    },
  }
}
