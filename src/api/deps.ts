import type { Observable } from 'rxjs'
import type { ActivityMinute } from '../domain/activity.ts'
import type { AuditEntry } from '../domain/audit.ts'
import type { Backlog } from '../domain/backlog.ts'
import type { Delivery, DeliveryStatus } from '../domain/delivery.ts'
import type { Erasure } from '../domain/erasure.ts'
import type { EndpointCheck } from '../domain/endpoint-check.ts'
import type { PayloadForm, VisitEvent } from '../domain/event.ts'
import type { SubscriptionHealth } from '../domain/health.ts'
import type { Replay, ReplayProgress } from '../domain/replay.ts'
import type { OwnRetention, Retention } from '../domain/retention.ts'
import type { Principal } from '../domain/principal.ts'
import type { StoredKey } from '../domain/signing-key.ts'
import type { Subscription } from '../domain/subscription.ts'
import type { AccessToken, Tenant } from '../domain/tenant.ts'
import type { EpochMs } from '../domain/time.ts'

export interface TenantStore {
  put(id: string, name: string, now: EpochMs): Promise<'created' | 'updated'>
  get(id: string): Promise<Tenant | null>
  list(page: { limit: number; after?: string }): Promise<Tenant[]>
}
export interface TokenStore {
  insert(token: AccessToken): Promise<void>
  byHash(hash: string): Promise<AccessToken | null>
  list(tenant: string, page: { limit: number; after?: string }): Promise<AccessToken[]>
  /** The token as it was, or null. */
  revoke(tenant: string, id: string, now: EpochMs): Promise<AccessToken | null>
  used(id: string, now: EpochMs): Promise<void>
}
export interface SubscriptionStore {
  insert(subscription: Subscription): Promise<void>
  get(tenant: string, id: string): Promise<Subscription | null>
  list(tenant: string, page: { limit: number; after?: string }): Promise<Subscription[]>
  /** False when its version is another by now. */
  replace(subscription: Subscription, expectedVersion: number): Promise<boolean>
  remove(tenant: string, id: string, expectedVersion?: number): Promise<boolean>
  count(tenant: string): Promise<number>
}
export interface DeliveryStore {
  list(query: {
    tenant: string
    eventId?: string
    subscriptionId?: string
    visitId?: string
    status?: DeliveryStatus
    type?: string
    from?: EpochMs
    to?: EpochMs
    limit: number
    before?: { createdAt: EpochMs; id: string }
  }): Promise<Delivery[]>
  get(tenant: string, id: string): Promise<Delivery | null>
  insert(row: Delivery): Promise<Delivery>
  /** Each of these answers null when the row changed since it was read. */
  resend(row: Delivery, body: string, now: EpochMs): Promise<Delivery | null>
  cancel(row: Delivery, now: EpochMs): Promise<Delivery | null>
  /** How many held rows were cancelled. */
  skipHeld(subscriptionId: string, now: EpochMs): Promise<number>
  /** One for which nothing waits is left out. */
  backlogs(subscriptionIds: readonly string[]): Promise<ReadonlyMap<string, Backlog>>
}

export interface AuditStore {
  begin(entry: AuditEntry): Promise<void>
  end(entry: AuditEntry): Promise<void>
  forget(id: string): Promise<void>
  list(query: {
    tenant?: string
    resource?: string
    action?: string
    limit: number
    before?: string
  }): Promise<AuditEntry[]>
}
/** Requests by their Idempotency-Key (src/ledger/idempotency.ts). */
export interface IdempotencyStore {
  begin(
    id: string,
    fingerprint: string,
    now: EpochMs,
  ): Promise<{ state: 'ours' | 'under_way' | 'another' } | { state: 'answered'; answer: string }>
  finish(id: string, answer: string): Promise<void>
  forget(id: string): Promise<void>
}

export interface HealthStore {
  get(subscriptionId: string): Promise<SubscriptionHealth | null>
  many(ids: readonly string[]): Promise<ReadonlyMap<string, SubscriptionHealth>>
  forget(subscriptionId: string): Promise<void>
}
export interface ReplayStore {
  insert(replay: Replay): Promise<void>
  get(tenant: string, id: string): Promise<Replay | null>
  /** The newest first; `before` is the id of the last one that was read. */
  list(
    tenant: string,
    query: { readonly subscriptionId?: string; readonly before?: string; readonly limit: number },
  ): Promise<Replay[]>
  progress(replay: Replay): Promise<ReplayProgress>
  /** False when it is over. */
  cancel(tenant: string, id: string, now: EpochMs): Promise<boolean>
}

/** Events that no subscription wanted. */
export interface UnmatchedStore {
  get(
    tenant: string,
    eventId: string,
  ): Promise<{ type: string; visitId: string; streamSequence: number; at: EpochMs } | null>
}
export interface ActivityStore {
  since(tenant: string, from: EpochMs, subscriptionId?: string): Promise<ActivityMinute[]>
}

/** How long a tenant's data is kept. */
export interface RetentionStore {
  /** The operator's. */
  readonly defaults: Retention
  own(tenant: string): Promise<OwnRetention>
  /** Takes effect on what is stored already. */
  put(tenant: string, own: OwnRetention): Promise<void>
}

export interface ErasureStore {
  /** Answers with the one that is under way for the same visitor, if there is one. */
  begin(erasure: Erasure): Promise<Erasure>
  get(tenant: string, id: string): Promise<Erasure | null>
}

/** What the API needs of the service. */
export interface ApiDeps {
  readonly role: 'all' | 'api' | 'worker'
  readonly publicUrl: string
  readonly adminToken: string
  readonly jaegerUrl: string | null
  /** Of one token, in one minute, at this process. */
  readonly requestsPerMinute: number
  readonly eventsPerMinute: number
  /** Whose pages may call the API from a browser; `*`: everybody’s. */
  readonly corsOrigins: readonly string[]
  readonly eventTypes: readonly { type: string; description: string; schema: object; sample: object }[]
  readonly readPosted: (tenant: string, value: unknown, now: EpochMs) => VisitEvent
  readonly accept: (event: VisitEvent) => Promise<{ id: string; duplicate: boolean }>
  readonly tenants: TenantStore
  readonly tokens: TokenStore
  readonly audit: AuditStore
  /** Whom a token of the portal’s identity provider stands for; null: there is no provider. */
  readonly identify: ((token: string) => Promise<Principal>) | null
  readonly subscriptions: SubscriptionStore
  readonly deliveries: DeliveryStore
  readonly health: HealthStore
  readonly idempotency: IdempotencyStore
  readonly replays: ReplayStore
  readonly retention: RetentionStore
  readonly erasures: ErasureStore
  /** How many deliveries a replay would open. */
  readonly countReplay: (replay: Replay) => Promise<number>
  /** Makes the one attempt of a test delivery and answers with its final row. */
  readonly sendTest: (row: Delivery, subscription: Subscription) => Promise<Delivery>
  /** What sending a row again would send, in this form; null when it is no longer kept. */
  readonly bodyOf: (row: Delivery, form: PayloadForm) => Promise<string | null>
  /** Tells all processes to look after a subscription, a replay, an erasure, or a token that was revoked. */
  readonly wake: (id: string) => void
  /** Resolves when this process works by that version (Infinity: by the removal), or after five seconds. */
  readonly inForce: (subscriptionId: string, version: number) => Promise<void>
  /** An accepted event; null when its content is no longer kept. */
  readonly readEvent: (tenant: string, type: string, streamSequence: number) => Promise<VisitEvent | null>
  /** A page of a tenant's accepted events in their order; an entry without event is a message that was none. */
  readonly readFeed: (query: {
    tenant: string
    type?: string
    from: EpochMs
    after: number | null
    limit: number
  }) => Promise<readonly { sequence: number; event: VisitEvent | null }[]>
  readonly unmatched: UnmatchedStore
  readonly activity: ActivityStore
  /** A tenant's rows as they change. */
  readonly liveRows: (tenant: string) => Observable<Delivery>
  /** Emits when the process is about to end. */
  readonly stopping$: Observable<unknown>
  /** Ids of tokens that were revoked, here or at another process. */
  readonly revokedTokens$: Observable<string>
  readonly jwks: () => object
  readonly signingKeys: {
    keys(): readonly Omit<StoredKey, 'sealedPrivateJwk'>[]
    refresh(): Promise<void>
    rotate(force?: boolean): Promise<void>
  }
  /** A signed challenge, and an event with a wrong signature, to the endpoint. */
  readonly checkEndpoint: (subscription: Subscription, sample: { type: string; data: object }) => Promise<EndpointCheck>
  readonly newSecret: () => string
  readonly seal: (text: string) => Promise<string>
  readonly open: (sealed: string) => Promise<string>
  /** Throws Failure `url_refused`. */
  readonly checkUrl: (url: string) => Promise<void>
  /** What must answer before this process can take work, each `ok` or what is wrong. */
  readonly checks: () => Promise<Readonly<Record<string, string>>>
  readonly trace: () => { readonly traceId: string; readonly traceparent: string } | null
  /** First middleware: makes the server span. */
  readonly observe: (context: ObservedContext, next: () => Promise<unknown>) => Promise<void>
  readonly now: () => EpochMs
  readonly log: { error(fields: object, text: string): void }
}

/** What `observe` sees of a request. */
export interface ObservedContext {
  readonly method: string
  readonly path: string
  readonly status: number
  get(header: string): string
  /** The route's pattern once it was matched. */
  readonly _matchedRoute?: string | RegExp
}
