import type { Db } from 'mongodb'
import { type ActivityDocument, createActivity } from './activity.ts'
import { type AsideDocument, createAside } from './aside.ts'
import { type AuditDocument, createAudit } from './audit.ts'
import { createCensus } from './census.ts'
import { connectDatabase } from './database.ts'
import { createDeliveries } from './deliveries.ts'
import type { DeliveryDocument } from './delivery-document.ts'
import { createEraseRows } from './erase-rows.ts'
import { createErasures, type ErasureDocument } from './erasures.ts'
import { createHealth, type HealthDocument } from './health.ts'
import { createIdempotency, type IdempotencyDocument } from './idempotency.ts'
import { createKeys, type KeyDocument } from './keys.ts'
import { createLive } from './live.ts'
import { migrate, type MigrateOptions } from './migrations/migrate.ts'
import { type LedgerObserver, noObserver } from './observer.ts'
import { createProgress, type ProgressDocument } from './progress.ts'
import { createReplays, type ReplayDocument } from './replays.ts'
import { createRetention } from './retention.ts'
import { createSubscriptions, type SubscriptionDocument } from './subscriptions.ts'
import { createTenants, type TenantDocument } from './tenants.ts'
import { createTokens, type TokenDocument } from './tokens.ts'
import { createUnmatched, type UnmatchedDocument } from './unmatched.ts'
import { refuseWithoutRole } from './upkeep/role.ts'
import { openUpkeep } from './upkeep/upkeep.ts'
import { createVisitOrder } from './visit-order.ts'

export type Ledger = Awaited<ReturnType<typeof openLedger>>

/**
 * Connects to MongoDB, migrates, and creates every collection, validator and index that is missing or differs. Throws Failure
 * `ledger_unavailable` for what may pass, and `invalid_settings` for what an operator has to change.
 */
export const openLedger = async ({
  url,
  database = 'doorbell',
  auditRetentionDays = 365,
  observer = noObserver,
  connect = connectDatabase,
  ...options
}: MigrateOptions & {
  readonly url: string
  readonly database?: string
  readonly auditRetentionDays?: number
  readonly observer?: LedgerObserver
  readonly connect?: typeof connectDatabase
}) => {
  const { client, db, explain } = await connect(url, database, observer)
  const prepare = async () => {
    await refuseWithoutRole(client, db)
    await migrate(db, options)
    return openUpkeep(client, db)
  }
  const upkeep = await prepare().catch(async (error: unknown) => {
    await client.close()
    throw explain(error)
  })
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
    deliveries: createDeliveries(deliveries, observer, upkeep.heal),
    visitOrder: createVisitOrder(deliveries),
    live: createLive(deliveries),
    replays: createReplays(collections.replays, deliveries),
    health: createHealth(collections.health),
    idempotency: createIdempotency(collections.idempotency),
    unmatched: createUnmatched(collections.unmatched),
    activity: createActivity(collections.activity),
    progress: createProgress(collections.progress, collections.deliveries),
    aside: createAside(collections.aside, upkeep.heal),
    census: createCensus(collections),
    /** What has to be there in MongoDB, compared and restored at each check. */
    requirements: upkeep.requirements,
    /** Emits when something of it may be missing. */
    doubts$: upkeep.doubts$,
    /** Resolves when the server takes writes. */
    ping: upkeep.ping,
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
  progress: db.collection<ProgressDocument>('progress'),
  aside: db.collection<AsideDocument>('aside'),
})
