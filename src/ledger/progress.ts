import type { Collection, Document } from 'mongodb'
import type { EpochMs } from '../domain/time.ts'
import type { DeliveryDocument } from './delivery-document.ts'
import { guarded } from './faults.ts'

/** How far the stream was processed, as the stream itself does not know after it was lost. */
export interface ProgressDocument {
  readonly _id: 'stream'
  /** The highest sequence that was seen, and when. */
  readonly highest: number
  readonly at: EpochMs
  /** By partition: every message up to this sequence is in rows. */
  readonly processed?: Readonly<Record<string, number>>
}

interface Progress {
  readonly processed: ReadonlyMap<number, number>
  readonly highest: { readonly sequence: number; readonly at: EpochMs } | null
}

const _id = 'stream'

/** Keeps the progress of the stream: a lost consumer continues there, and a lost stream with a higher number. */
export const createProgress = (collection: Collection<ProgressDocument>, deliveries: Collection<DeliveryDocument>) => ({
  load: async (): Promise<Progress> => {
    const found = await guarded(collection.findOne({ _id }))
    if (found !== null) {
      const processed = Object.entries(found.processed ?? {}).map(([key, sequence]) => [Number(key), sequence] as const)
      return { processed: new Map(processed), highest: { sequence: found.highest, at: found.at } }
    }
    // A database from before this collection. No index has this order, but a stream is created once.
    const newest = { sort: { streamSequence: -1 }, projection: { streamSequence: 1, createdAt: 1 } } as const
    const row = await guarded(deliveries.findOne({}, newest))
    const highest = row === null ? null : { sequence: row.streamSequence, at: row.createdAt }
    return { processed: new Map(), highest }
  },

  /** Raises what is stored. A lower number changes nothing, so any process may write at any time. */
  save: async ({ processed, highest }: Progress): Promise<void> => {
    if (highest === null) return
    const raised: Document = { highest: highest.sequence, at: highest.at }
    for (const [partition, sequence] of processed) raised[`processed.${partition}`] = sequence
    await guarded(collection.updateOne({ _id }, { $max: raised }, { upsert: true }))
  },
})
