import type { Collection } from 'mongodb'
import type { Erasure } from '../domain/erasure.ts'
import { dayMs, type EpochMs } from '../domain/time.ts'
import { guarded, isDuplicate } from './faults.ts'

export type ErasureDocument = Omit<Erasure, 'id'> & { readonly _id: string; readonly expireAt?: Date }

/** How long a finished erasure is kept as proof. It does not name the visitor. */
export const keepMs = 366 * dayMs

const toErasure = ({ _id, expireAt: _, ...erasure }: ErasureDocument): Erasure => ({ id: _id, ...erasure })

/** Erasures and their progress. */
export const createErasures = (collection: Collection<ErasureDocument>) => ({
  /** Stores a new erasure. Returns it, or the one that is running for the same visitor. */
  begin: async ({ id, ...erasure }: Erasure): Promise<Erasure> => {
    const { tenant, visitorId } = erasure
    for (;;) {
      try {
        await guarded(collection.insertOne({ _id: id, ...erasure }))
        return { id, ...erasure }
      } catch (error) {
        if (!isDuplicate((error as Error).cause)) throw error
      }
      const running = await guarded(collection.findOne({ tenant, visitorId, state: 'running' }))
      if (running !== null) return toErasure(running)
    }
  },

  get: async (tenant: string, id: string): Promise<Erasure | null> => {
    const found = await guarded(collection.findOne({ _id: id, tenant }))
    return found === null ? null : toErasure(found)
  },

  running: async (): Promise<Erasure[]> => {
    const found = collection.find({ state: 'running' }).sort({ createdAt: 1 })
    return (await guarded(found.toArray())).map(toErasure)
  },

  /** Stores the progress. */
  advance: async ({ id, ...erasure }: Erasure): Promise<void> => {
    await guarded(collection.replaceOne({ _id: id, state: 'running' }, erasure))
  },

  /** Stores the end and removes the visitor's id. */
  finish: async ({ id, ...erasure }: Erasure, now: EpochMs): Promise<Erasure> => {
    const done = { ...erasure, visitorId: null, found: [], state: 'done', finishedAt: now } as const
    await guarded(collection.replaceOne({ _id: id, state: 'running' }, { ...done, expireAt: new Date(now + keepMs) }))
    return { id, ...done }
  },
})
