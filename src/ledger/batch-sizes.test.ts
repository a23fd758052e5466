import test from 'ava'
import type { Collection } from 'mongodb'
import { newTenant, now } from '../../test/support/ledger.ts'
import { createDeliveryBatches } from './delivery-batches.ts'
import type { DeliveryDocument } from './delivery-document.ts'
import { createHealth, type HealthDocument } from './health.ts'
import { createUnmatched, type UnmatchedDocument } from './unmatched.ts'

type Busy = Collection<DeliveryDocument> & Collection<HealthDocument> & Collection<UnmatchedDocument>

/** A collection whose commands fail when the test wants; it notes how many documents or ids each has. */
const busy = () => {
  const sizes: number[] = []
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => undefined)
  const command = (size: number) => {
    sizes.push(size)
    return promise
  }
  const collection = {
    insertMany: (documents: readonly unknown[]) => command(documents.length),
    bulkWrite: (operations: readonly unknown[]) => command(operations.length),
    find: ({ _id }: { _id: { $in: readonly unknown[] } }) => ({ toArray: () => command(_id.$in.length) }),
  } as unknown as Busy
  return { sizes, collection, fail: () => reject(new Error('the end')) }
}

test('what many callers write or look up at once is sent in full batches, two of them at the same time', async t => {
  const { row, tenant } = newTenant()
  const observer = { batchWritten: () => undefined }
  const event = { tenant, eventId: 'e', type: 'x', visitId: 'v', streamSequence: 1, at: now }
  const calls = {
    insert: [(of: Busy) => createDeliveryBatches(of, observer).insert, row('e'), 500],
    update: [(of: Busy) => createDeliveryBatches(of, observer).update, row('e'), 500],
    existing: [(of: Busy) => createDeliveryBatches(of, observer).existing, ['e'], 256],
    health: [(of: Busy) => createHealth(of).get, 'sub', 500],
    unmatched: [(of: Busy) => createUnmatched(of).keep, event, 500],
  } as const
  for (const [name, [methodOf, value, limit]] of Object.entries(calls)) {
    const { sizes, collection, fail } = busy()
    const method = methodOf(collection) as (of: unknown) => Promise<unknown>
    const all = Array.from({ length: 2 * limit + 1 }, () => method(value))
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    t.deepEqual(sizes, [limit, limit], name)
    fail()
    await Promise.allSettled(all)
  }
})
