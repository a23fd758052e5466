import type { Collection } from 'mongodb'
import type { ActivityMinute } from '../domain/activity.ts'
import type { EpochMs } from '../domain/time.ts'
import { guarded } from './faults.ts'

/** One minute of one subscription. */
export interface ActivityDocument {
  readonly _id: string
  readonly tenant: string
  readonly subscriptionId: string
  readonly at: EpochMs
  readonly attempts: number
  readonly failed: number
  /** The number of attempts by their duration; the key is the index of its bound (src/domain/activity.ts). */
  readonly took?: Readonly<Record<string, number>>
  readonly expireAt: Date
}

const keepMs = 25 * 60 * 60_000

/** The results of attempts, minute by minute: for charts, never for decisions. */
export const createActivity = (collection: Collection<ActivityDocument>) => ({
  /** Adds to the stored counts: every process adds its own. */
  add: async (minutes: readonly ActivityMinute[]): Promise<void> => {
    if (minutes.length === 0) return
    const operations = minutes.map(({ tenant, subscriptionId, at, attempts, failed, took }) => ({
      updateOne: {
        filter: { _id: `${subscriptionId}.${at}` },
        update: {
          $setOnInsert: { tenant, subscriptionId, at, expireAt: new Date(at + keepMs) },
          $inc: {
            attempts,
            failed,
            ...Object.fromEntries(took.flatMap((count, index) => (count === 0 ? [] : [[`took.${index}`, count]]))),
          },
        },
        upsert: true,
      },
    }))
    await guarded(collection.bulkWrite(operations, { ordered: false }))
  },

  /** Returns the minutes of a tenant since this moment, in order; of one subscription if its id is given. */
  since: async (tenant: string, from: EpochMs, subscriptionId?: string): Promise<ActivityMinute[]> => {
    const query = { tenant, at: { $gte: from }, ...(subscriptionId === undefined ? {} : { subscriptionId }) }
    const found = await guarded(collection.find(query).sort({ at: 1 }).toArray())
    return found.map(({ _id: _, expireAt: __, took = {}, ...minute }) => ({
      ...minute,
      took: Object.entries(took).reduce<number[]>((all, [index, count]) => ((all[Number(index)] = count), all), []),
    }))
  },
})
