import { randomUUID } from 'node:crypto'
import type { Collection } from 'mongodb'
import { guarded, isDuplicate } from '../faults.ts'

interface LeaseDocument {
  readonly _id: string
  readonly holder: string
  readonly until: Date
}

const id = 'lease'

/** The right of one process to migrate. It ends by the server's clock unless it is renewed. */
export const createLease = (collection: Collection<LeaseDocument>, leaseMs: number) => {
  const holder = randomUUID()
  const extend = [{ $set: { holder, until: { $add: ['$$NOW', leaseMs] } } }]
  return {
    /** The id of its document. */
    id,
    /** Takes or renews the lease; false while another process has it. */
    take: async (): Promise<boolean> => {
      try {
        await guarded(collection.updateOne({ _id: id, holder }, extend, { upsert: true }))
        return true
      } catch (error) {
        if (!isDuplicate((error as Error).cause)) throw error
      }
      const lapsed = { _id: id, $expr: { $lt: ['$until', '$$NOW'] } }
      return (await guarded(collection.updateOne(lapsed, extend))).matchedCount === 1
    },
    release: async (): Promise<void> => void (await guarded(collection.deleteOne({ _id: id, holder }))),
  }
}
