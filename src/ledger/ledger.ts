import type { Collection } from 'mongodb'
import { type ActivityDocument, createActivity } from './activity.ts'
import { type AsideDocument, createAside } from './aside.ts'
import { type AuditDocument, createAudit } from './audit.ts'
import { createCensus } from './census.ts'
import { collections, ensureCollection } from './collections.ts'
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
  await migrate(db, options).catch(async (error: unknown) => {
    await client.close()
    throw error
  })
  const tenants = await ensureCollection<TenantDocument>(db, collections.tenants)
  const deliveries = await ensureCollection<DeliveryDocument>(db, collections.deliveries)
  return {
    tenants: createTenants(tenants),
    retention: createRetention(tenants, deliveries),
    audit: createAudit(await ensureCollection<AuditDocument>(db, collections.audit), auditRetentionDays),
    tokens: createTokens(await ensureCollection<TokenDocument>(db, collections.tokens)),
    keys: createKeys(client, await ensureCollection<KeyDocument>(db, collections.keys)),
    subscriptions: createSubscriptions(await ensureCollection<SubscriptionDocument>(db, collections.subscriptions)),
    erasures: createErasures(await ensureCollection<ErasureDocument>(db, collections.erasures)),
    eraseRows: createEraseRows(deliveries),
    ...onDeliveries(deliveries, observer, await ensureCollection<ReplayDocument>(db, collections.replays)),
    health: createHealth(await ensureCollection<HealthDocument>(db, collections.health)),
    idempotency: createIdempotency(await ensureCollection<IdempotencyDocument>(db, collections.idempotency)),
    unmatched: createUnmatched(await ensureCollection<UnmatchedDocument>(db, collections.unmatched)),
    activity: createActivity(await ensureCollection<ActivityDocument>(db, collections.activity)),
    aside: createAside(await ensureCollection<AsideDocument>(db, collections.aside)),
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
