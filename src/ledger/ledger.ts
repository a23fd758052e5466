import type { Db } from 'mongodb'
import { type ActivityDocument, createActivity } from './activity.ts'
import { type AsideDocument, createAside } from './aside.ts'
import { type AuditDocument, createAudit } from './audit.ts'
import { createCensus } from './census.ts'
import { connectDatabase } from './database.ts'
import { createDeliveries } from './deliveries.ts'
import type { DeliveryDocument } from './delivery-document.ts'
import { ensureCollections } from './ensure-collections.ts'
import { createEraseRows } from './erase-rows.ts'
import { createErasures, type ErasureDocument } from './erasures.ts'
import { guarded } from './faults.ts'
import { createHealth, type HealthDocument } from './health.ts'
import { createIdempotency, type IdempotencyDocument } from './idempotency.ts'
import { createKeys, type KeyDocument } from './keys.ts'
import { createLive } from './live.ts'
import { migrate, type MigrateOptions } from './migrations/migrate.ts'
import { type LedgerObserver, noObserver } from './observer.ts'
import { createReplays, type ReplayDocument } from './replays.ts'
import { createRetention } from './retention.ts'
import { createSubscriptions, type SubscriptionDocument } from './subscriptions.ts'
import { createTenants, type TenantDocument } from './tenants.ts'
import { createTokens, type TokenDocument } from './tokens.ts'
import { createUnmatched, type UnmatchedDocument } from './unmatched.ts'
import { createVisitOrder } from './visit-order.ts'

export type Ledger = Awaited<ReturnType<typeof openLedger>>

/** Connects to MongoDB, migrates, and ensures every collection, validator and index. Throws Failure `ledger_unavailable`. */
export const openLedger = async ({
  url,
  database = 'doorbell',
  auditRetentionDays = 365,
  observer = noObserver,
  ...options
}: MigrateOptions & {
  readonly url: string
  readonly database?: string
  readonly auditRetentionDays?: number
  readonly observer?: LedgerObserver
}) => {
  const { client, db } = await connectDatabase(url, database, observer)
  try {
    await migrate(db, options)
    await ensureCollections(db)
  } catch (error) {
    await client.close()
    throw error
  }
  const collections = collectionsOf(db)
  const { deliveries, tenants } = collections
  return {
    tenants: createTenants(tenants),
    retention: createRetention(tenants, deliveries),
    audit: createAudit(collections.audit, auditRetentionDays),
    tokens: createTokens(collections.tokens),
    keys: createKeys(client, collections.keys),
    subscriptions: createSubscriptions(collections.subscriptions),
    erasures: createErasures(collections.erasures),
    eraseRows: createEraseRows(deliveries),
    deliveries: createDeliveries(deliveries, observer),
    visitOrder: createVisitOrder(deliveries),
    live: createLive(deliveries),
    replays: createReplays(collections.replays, deliveries),
    health: createHealth(collections.health),
    idempotency: createIdempotency(collections.idempotency),
    unmatched: createUnmatched(collections.unmatched),
    activity: createActivity(collections.activity),
    aside: createAside(collections.aside),
    census: createCensus(collections),
    /** Resolves when the server answers. */
    ping: async (): Promise<void> => void (await guarded(db.command({ ping: 1 }))),
    close: (): Promise<void> => client.close(),
    /** For tests that examine what is stored. */
    db,
  }
}

const collectionsOf = (db: Db) => ({
  tenants: db.collection<TenantDocument>('tenants'),
  tokens: db.collection<TokenDocument>('tokens'),
  keys: db.collection<KeyDocument>('keys'),
  subscriptions: db.collection<SubscriptionDocument>('subscriptions'),
  deliveries: db.collection<DeliveryDocument>('deliveries'),
  health: db.collection<HealthDocument>('health'),
  replays: db.collection<ReplayDocument>('replays'),
  erasures: db.collection<ErasureDocument>('erasures'),
  audit: db.collection<AuditDocument>('audit'),
  idempotency: db.collection<IdempotencyDocument>('idempotency'),
  unmatched: db.collection<UnmatchedDocument>('unmatched'),
  activity: db.collection<ActivityDocument>('activity'),
  aside: db.collection<AsideDocument>('aside'),
})
