import type { IndexDescription } from 'mongodb'
import type { CollectionName } from './validators.ts'

/** Documents are removed at the moment in their `expireAt`. */
const expiry: IndexDescription = { key: { expireAt: 1 }, expireAfterSeconds: 0 }

/** The indexes of each collection. An index costs time at each insert, so each names the question that it answers. */
export const indexes: Readonly<Record<CollectionName, readonly IndexDescription[]>> = {
  tenants: [],
  tokens: [
    // Each request of a tenant: whose token is this?
    { key: { hash: 1 }, unique: true },
    // A tenant's tokens in order.
    { key: { tenant: 1, _id: 1 } },
  ],
  keys: [
    // One current and one next key, also when two processes start at once.
    { key: { use: 1 }, unique: true, partialFilterExpression: { use: { $in: ['current', 'next'] } } },
  ],
  subscriptions: [
    // A tenant's subscriptions in order, and the count for its limit.
    { key: { tenant: 1, _id: 1 } },
  ],
  deliveries: [
    // Which rows of this subscription are due? Partial, so that delivered rows never touch it: `open` is set while a row is pending or held.
    { key: { subscriptionId: 1, nextAttemptAt: 1 }, partialFilterExpression: { open: true } },
    // Which row of this visit is next?
    {
      key: { subscriptionId: 1, visitId: 1, streamSequence: 1 },
      partialFilterExpression: { open: true, ordered: true },
    },
    // How much waits, why, and since when? With `open` in the key, the index alone answers.
    { key: { open: 1, status: 1, reason: 1, createdAt: 1 }, partialFilterExpression: { open: true } },
    // How far is this replay?
    { key: { replayId: 1, status: 1 }, partialFilterExpression: { replayId: { $exists: true } } },
    // What happened to this visit?
    { key: { tenant: 1, visitId: 1, createdAt: -1, _id: -1 } },
    // A tenant's deliveries, newest first. The rows of one event are found by the prefix `eventId.` of their _id.
    { key: { tenant: 1, createdAt: -1, _id: -1 } },
    expiry,
  ],
  health: [],
  replays: [
    // Which replays are running?
    { key: { state: 1 }, partialFilterExpression: { state: 'running' } },
    // A tenant's replays, newest first.
    { key: { tenant: 1, _id: -1 } },
    expiry,
  ],
  erasures: [
    // Which erasures are running? At most one for a visitor.
    { key: { tenant: 1, visitorId: 1, state: 1 }, unique: true, partialFilterExpression: { state: 'running' } },
    expiry,
  ],
  audit: [
    // A tenant's entries, newest first.
    { key: { tenant: 1, _id: -1 } },
    expiry,
  ],
  idempotency: [expiry],
  unmatched: [expiry],
  activity: [
    // What happened in this tenant's last hour?
    { key: { tenant: 1, at: 1 } },
    expiry,
  ],
  progress: [],
  aside: [expiry],
  upkeep: [],
}
