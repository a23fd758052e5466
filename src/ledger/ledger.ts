import type { Collection } from 'mongodb'
import type { StoredKey } from '../domain/signing-key.ts'
import type { AccessToken, Tenant } from '../domain/tenant.ts'
import type { EpochMs } from '../domain/time.ts'
import { type ActivityDocument, createActivity } from './activity.ts'
import { type AsideDocument, createAside } from './aside.ts'
import { collections, ensureCollection } from './collections.ts'
import { connectDatabase } from './database.ts'
import { createDeliveries } from './deliveries.ts'
import type { DeliveryDocument } from './delivery-document.ts'
import { createEraseRows } from './erase-rows.ts'
import { createErasures, type ErasureDocument } from './erasures.ts'
import { guarded, isDuplicate } from './faults.ts'
import { createDeliveryActions } from './delivery-actions.ts'
import { createHealth, type HealthDocument } from './health.ts'
import { createIdempotency, type IdempotencyDocument } from './idempotency.ts'
import { createLive } from './live.ts'
import { migrate, type MigrateOptions } from './migrations/migrate.ts'
import { createReplays, type ReplayDocument } from './replays.ts'
import { createRetention } from './retention.ts'
import { createSubscriptions, type SubscriptionDocument } from './subscriptions.ts'
import { createTurns } from './turns.ts'
import { createUnmatched, type UnmatchedDocument } from './unmatched.ts'

export type Ledger = Awaited<ReturnType<typeof openLedger>>

/** Opens MongoDB and makes sure of every collection, validator and index. Throws Failure `ledger_unavailable`. */
export const openLedger = async ({
  url,
  database = 'doorbell',
  ...options
}: MigrateOptions & {
  readonly url: string
  readonly database?: string
}) => {
  const { client, db } = await connectDatabase(url, database)
  await migrate(db, options).catch(async (error: unknown) => {
    await client.close()
    throw error
  })
  const tenants = await ensureCollection<TenantDocument>(db, collections.tenants)
  const deliveries = await ensureCollection<DeliveryDocument>(db, collections.deliveries)
  return {
    tenants: createTenants(tenants),
    retention: createRetention(tenants, deliveries),
    tokens: createTokens(await ensureCollection<TokenDocument>(db, collections.tokens)),
    keys: createKeys(await ensureCollection<KeyDocument>(db, collections.keys)),
    subscriptions: createSubscriptions(await ensureCollection<SubscriptionDocument>(db, collections.subscriptions)),
    erasures: createErasures(await ensureCollection<ErasureDocument>(db, collections.erasures)),
    eraseRows: createEraseRows(deliveries),
    ...onDeliveries(deliveries, await ensureCollection<ReplayDocument>(db, collections.replays)),
    health: createHealth(await ensureCollection<HealthDocument>(db, collections.health)),
    idempotency: createIdempotency(await ensureCollection<IdempotencyDocument>(db, collections.idempotency)),
    unmatched: createUnmatched(await ensureCollection<UnmatchedDocument>(db, collections.unmatched)),
    activity: createActivity(await ensureCollection<ActivityDocument>(db, collections.activity)),
    aside: createAside(await ensureCollection<AsideDocument>(db, collections.aside)),
    /** Resolves when the server answers. */
    ping: async (): Promise<void> => void (await guarded(db.command({ ping: 1 }))),
    close: (): Promise<void> => client.close(),
    /** For tests that look at what is stored. */
    db,
  }
}

const onDeliveries = (collection: Collection<DeliveryDocument>, replays: Collection<ReplayDocument>) => ({
  deliveries: { ...createDeliveries(collection), ...createDeliveryActions(collection) },
  turns: createTurns(collection),
  live: createLive(collection),
  replays: createReplays(replays, collection),
})

type TenantDocument = Omit<Tenant, 'id'> & { readonly _id: string }

const createTenants = (collection: Collection<TenantDocument>) => ({
  put: async (id: string, name: string, now: EpochMs): Promise<'created' | 'updated'> => {
    const change = { $set: { name }, $setOnInsert: { createdAt: now } }
    const result = await guarded(collection.updateOne({ _id: id }, change, { upsert: true }))
    return result.upsertedCount === 1 ? 'created' : 'updated'
  },
  get: async (id: string): Promise<Tenant | null> => {
    const found = await guarded(collection.findOne({ _id: id }))
    return found === null ? null : { id: found._id, name: found.name, createdAt: found.createdAt }
  },
})

type TokenDocument = Omit<AccessToken, 'id'> & { readonly _id: string }

const createTokens = (collection: Collection<TokenDocument>) => ({
  insert: async ({ id, ...token }: AccessToken): Promise<void> => {
    await guarded(collection.insertOne({ _id: id, ...token }))
  },
  byHash: async (hash: string): Promise<AccessToken | null> => {
    const found = await guarded(collection.findOne({ hash }))
    if (found === null) return null
    const { _id, ...token } = found
    return { id: _id, ...token }
  },
})

type KeyDocument = Omit<StoredKey, 'kid'> & { readonly _id: string }

const createKeys = (collection: Collection<KeyDocument>) => {
  const load = async (): Promise<StoredKey[]> =>
    (await guarded(collection.find().sort({ createdAt: 1 }).toArray())).map(({ _id, ...key }) => ({ kid: _id, ...key }))
  return {
    load,
    /** Inserts unless a key of this use exists, as when two processes start at once; answers with what is stored. */
    insertFirst: async ({ kid, ...key }: StoredKey): Promise<StoredKey[]> => {
      await collection.insertOne({ _id: kid, ...key }).catch((error: unknown) => {
        if (!isDuplicate(error)) throw error
      })
      return load()
    },
  }
}
