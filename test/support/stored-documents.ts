import type { AuditEntry } from '../../src/domain/audit.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import { type Erasure, newErasure } from '../../src/domain/erasure.ts'
import type { VisitEvent } from '../../src/domain/event.ts'
import type { SubscriptionHealth } from '../../src/domain/health.ts'
import type { Replay } from '../../src/domain/replay.ts'
import { settingDefaults } from '../../src/domain/subscription-settings.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { AccessToken, Tenant } from '../../src/domain/tenant.ts'
import type { ListedKey } from '../../src/api/keys/wire.ts'

/** The time of tests that use these documents: 2026-03-02, 09:00:00. */
export const nine = Date.parse('2026-03-02T09:00:00.000Z')
export const minuteMs = 60_000
/** This many minutes before nine. */
export const ago = (minutes: number): number => nine - minutes * minuteMs

const tenant: Tenant = { id: 'acme', name: 'Acme', createdAt: ago(900) }

const token: AccessToken = {
  id: 'tok_1',
  tenant: 'acme',
  description: 'wallboard',
  hash: 'hash-of-the-token',
  scopes: ['events:write', 'subscriptions:read'],
  createdAt: ago(800),
  createdBy: 'operator',
  expiresAt: nine + minuteMs,
  lastUsedAt: ago(2),
}

const subscription: Subscription = {
  id: 'sub_1',
  tenant: 'acme',
  url: 'https://receiver.example/hook?key=k-4711',
  eventTypes: ['visit.*'],
  description: 'The wallboard',
  filter: { site: ['brussels'] },
  ...settingDefaults,
  ratePerSecond: 5,
  expiresAfterMs: 3_600_000,
  requireVerification: true,
  status: 'paused',
  statusReason: 'Paused by a user.',
  statusSince: ago(30),
  sealedSecret: 'sealed-secret',
  previousSecret: { sealed: 'sealed-previous', validUntil: nine + 5 * minuteMs },
  sealedExtras: JSON.stringify({ headers: { 'x-a': 'a-4711' }, auth: { type: 'bearer', token: 't-4711' } }),
  shownExtras: { headers: { 'x-a': '***' }, auth: { type: 'bearer', token: '***' } },
  verification: { state: 'verified', at: ago(29), detail: 'It answered the challenge.' },
  probe: { accepted: false, at: ago(28), detail: 'It refused the wrong signature.' },
  version: 7,
  createdAt: ago(700),
  updatedAt: ago(27),
}

const health: SubscriptionHealth = {
  subscriptionId: 'sub_1',
  circuit: { phase: 'open', since: ago(26), until: nine + 2 * minuteMs, times: 3, reason: 'It fails.' },
  failingSince: ago(25),
  notices: 1,
  gone: 1,
  updatedAt: ago(24),
}

const delivery: Delivery = {
  id: 'event-1.sub_1',
  tenant: 'acme',
  partition: 3,
  subscriptionId: 'sub_1',
  eventId: 'event-1',
  visitId: 'visit-1',
  type: 'visit.checked_in',
  streamSequence: 41,
  status: 'pending',
  reason: 'retry_after',
  nextAttemptAt: nine + minuteMs,
  attempts: [
    {
      number: 1,
      at: ago(20),
      tookMs: 12,
      status: 503,
      response: 'busy',
      url: 'https://receiver.example/hook',
      traceId: '1'.repeat(32),
      spanId: '2'.repeat(16),
    },
    {
      number: 2,
      at: ago(19),
      tookMs: 10_000,
      error: 'timeout',
      detail: 'No answer within 10 s.',
      url: 'https://receiver.example/hook',
      traceId: '3'.repeat(32),
      spanId: '4'.repeat(16),
    },
  ],
  revision: 4,
  kind: 'replay',
  earlierAttempts: 1,
  ownFaults: 1,
  replayId: 'rpl_1',
  statusBefore: 'dead',
  reasonBefore: 'exhausted',
  ordered: true,
  body: '{"data":{}}',
  traceparent: `00-${'5'.repeat(32)}-${'6'.repeat(16)}-01`,
  createdAt: ago(21),
  updatedAt: ago(18),
}

const event: VisitEvent = {
  id: 'event-1',
  type: 'visit.checked_in',
  timestamp: '2026-03-02T08:39:00Z',
  tenant: 'acme',
  visitId: 'visit-1',
  sequence: 2,
  data: { site: 'brussels' },
}

const replay: Replay = {
  id: 'rpl_1',
  tenant: 'acme',
  subscriptionId: 'sub_1',
  from: ago(600),
  to: ago(500),
  selection: 'dead',
  perSecond: 20,
  state: 'running',
  total: 9,
  opened: 5,
  skipped: 1,
  cursor: { createdAt: ago(550), id: 'event-0.sub_1' },
  traceparent: 'the traceparent',
  createdAt: ago(10),
  finishedAt: ago(9),
}

const entry: AuditEntry = {
  id: 'aud_1',
  tenant: 'acme',
  at: ago(30),
  actor: { kind: 'token', id: 'tok_1' },
  action: 'pauseSubscription',
  resource: { kind: 'subscription', id: 'sub_1' },
  outcome: 'done',
  before: { status: 'active' },
  after: { status: 'paused' },
  traceId: '7'.repeat(32),
}

const key: ListedKey = { kid: 'key-1', alg: 'ES256', use: 'current', publicJwk: {}, createdAt: ago(400) }
const publicJwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'key-1', alg: 'ES256', use: 'sig' }

const erasure: Erasure = {
  ...newErasure('era_1', 'acme', 'visitor-81', ago(8)),
  boundary: 100,
  cursor: 50,
  found: [{ sequence: 41, eventId: 'event-1' }],
  counts: { scanned: 50, events: 2, deliveries: 3, cancelled: 1 },
}

const minute = { tenant: 'acme', subscriptionId: 'sub_1', at: ago(5), attempts: 4, failed: 1, took: [4] }
const backlog = { pending: 2, held: 3, oldestPendingAt: ago(21) }
const progress = { delivered: 1, waiting: 2, dead: 1, cancelled: 1 }
const ownRetention = { payloadDays: 3 }
const retentionDefaults = { payloadDays: 7, logDays: 30 }
const checked = {
  verification: { state: 'verified' as const, at: nine, detail: 'It answered.' },
  probe: { accepted: false, at: nine, detail: 'It refused.' },
}

/** One stored document of each kind, all of the tenant `acme`, with every field that its type has. */
export const storedDocuments = {
  tenant,
  token,
  subscription,
  health,
  delivery,
  event,
  replay,
  entry,
  key,
  publicJwk,
  erasure,
  minute,
  backlog,
  progress,
  ownRetention,
  retentionDefaults,
  checked,
}
export type StoredDocuments = typeof storedDocuments
