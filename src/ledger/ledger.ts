import type { Collection } from 'mongodb'
import { type ActivityDocument, createActivity } from './activity.ts'
import { type AsideDocument, createAside } from './aside.ts'
import { type AuditDocument, createAudit } from './audit.ts'
import { createCensus } from './census.ts'
import { collections, ensureCollections } from './collections.ts'
import { connectDatabase } from './database.ts'
import { createDeliveries } from './deliveries.ts'
import type { DeliveryDocument } from './delivery-document.ts'
import { createEraseRows } from './erase-rows.ts'
import { createErasures, type ErasureDocument } from './erasures.ts'
import { guarded } from './faults.ts'
import { createDeliveryActions } from './delivery-actions.ts'
import { createHealth, type HealthDocument } from './health.ts'
import { createIdempotency, type IdempotencyDocument } from './idempotency.ts'
import { createKeys, type KeyDocument } from './keys.ts'
import { createLive } from './live.ts'
import { migrate, type MigrateOptions } from './migrations/migrate.ts'
import { type LedgerObserver, nobody } from './observer.ts'
import { createReplays, type ReplayDocument } from './replays.ts'
import { createRetention } from './retention.ts'
import { createSubscriptions, type SubscriptionDocument } from './subscriptions.ts'
import { createTenants, type TenantDocument } from './tenants.ts'
import { createTokens, type TokenDocument } from './tokens.ts'
import { createTurns } from './turns.ts'
import { createUnmatched, type UnmatchedDocument } from './unmatched.ts'

export type Ledger = Awaited<ReturnType<typeof openLedger>>

/** Opens MongoDB and makes sure of every collection, validator and index. Throws Failure `ledger_unavailable`. */
export const openLedger = async ({
  url,
  database = 'doorbell',
  auditRetentionDays = 365,
  observer = nobody,
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
  const tenants = db.collection<TenantDocument>(collections.tenants.name)
  const deliveries = db.collection<DeliveryDocument>(collections.deliveries.name)
  return {
    tenants: createTenants(tenants),
    retention: createRetention(tenants, deliveries),
    audit: createAudit(db.collection<AuditDocument>(collections.audit.name), auditRetentionDays),
    tokens: createTokens(db.collection<TokenDocument>(collections.tokens.name)),
    keys: createKeys(client, db.collection<KeyDocument>(collections.keys.name)),
    subscriptions: createSubscriptions(db.collection<SubscriptionDocument>(collections.subscriptions.name)),
    erasures: createErasures(db.collection<ErasureDocument>(collections.erasures.name)),
    eraseRows: createEraseRows(deliveries),
    ...onDeliveries(deliveries, observer, db.collection<ReplayDocument>(collections.replays.name)),
    health: createHealth(db.collection<HealthDocument>(collections.health.name)),
    idempotency: createIdempotency(db.collection<IdempotencyDocument>(collections.idempotency.name)),
    unmatched: createUnmatched(db.collection<UnmatchedDocument>(collections.unmatched.name)),
    activity: createActivity(db.collection<ActivityDocument>(collections.activity.name)),
    aside: createAside(db.collection<AsideDocument>(collections.aside.name)),
    census: createCensus(db),
    /** Resolves when the server answers. */
    ping: async (): Promise<void> => void (await guarded(db.command({ ping: 1 }))),
    close: (): Promise<void> => client.close(),
    /** For tests that look at what is stored. */
    db,
  }
}

const onDeliveries = (
  collection: Collection<DeliveryDocument>,
  observer: LedgerObserver,
  replays: Collection<ReplayDocument>,
) => ({
  deliveries: { ...createDeliveries(collection, observer), ...createDeliveryActions(collection) },
  turns: createTurns(collection),
  live: createLive(collection),
  replays: createReplays(replays, collection),
})
