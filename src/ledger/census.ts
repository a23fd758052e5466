import type { Db, Filter } from 'mongodb'
import type { DeliveryReason, DeliveryStatus } from '../domain/delivery.ts'
import { collections } from './collections.ts'
import type { DeliveryDocument } from './delivery-document.ts'
import type { ErasureDocument } from './erasures.ts'
import { guarded } from './faults.ts'
import type { HealthDocument } from './health.ts'

export interface Waiting {
  readonly status: DeliveryStatus
  /** Undefined: it waits for its next attempt after one that failed. */
  readonly reason: DeliveryReason | undefined
  readonly count: number
  readonly oldestAt: number
}

/** Counting walks the index: 60 ms for 100,000 rows, half a second for so many. */
const countLimit = 1_000_000
const index = { open: 1, status: 1, reason: 1, createdAt: 1 } as const

/** What waits in the ledger of the whole fleet, for whoever watches. Costs a look into the index of waiting rows. */
export const createCensus = (db: Db) => {
  const deliveries = db.collection<DeliveryDocument>(collections.deliveries.name)
  const health = db.collection<HealthDocument>(collections.health.name)
  const erasures = db.collection<ErasureDocument>(collections.erasures.name)

  /** From one status and reason to the next: their first entry in the index is the oldest. */
  const waiting = async (): Promise<Waiting[]> => {
    const found: Waiting[] = []
    for (const status of ['held', 'pending'] as const) {
      let after: Filter<DeliveryDocument> = {}
      for (;;) {
        const query = { open: true, status, ...after } as const
        const first = await guarded(deliveries.findOne(query, { hint: index, sort: index, projection: shown }))
        if (first === null) break
        const { reason = null, createdAt } = first
        const same = { open: true, status, reason } as Filter<DeliveryDocument>
        const count = await guarded(deliveries.countDocuments(same, { hint: index, limit: countLimit }))
        found.push({ status, reason: reason ?? undefined, count, oldestAt: createdAt })
        after = { reason: { $gt: reason ?? ('' as DeliveryReason) } }
      }
    }
    return found
  }

  return async () => {
    const [rows, waits, open, halfOpen, running, oldest] = await Promise.all([
      guarded(deliveries.estimatedDocumentCount()),
      waiting(),
      guarded(health.countDocuments({ 'circuit.phase': 'open' })),
      guarded(health.countDocuments({ 'circuit.phase': 'half-open' })),
      guarded(erasures.countDocuments({ state: 'running' })),
      guarded(erasures.findOne({ state: 'running' }, { sort: { createdAt: 1 } })),
    ])
    return {
      rows,
      waiting: waits,
      circuits: { open, 'half-open': halfOpen },
      erasures: { running, oldestAt: oldest?.createdAt ?? null },
    }
  }
}

const shown = { _id: 0, reason: 1, createdAt: 1 } as const
