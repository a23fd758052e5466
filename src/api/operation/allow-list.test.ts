import test from 'ava'
import { of } from 'rxjs'
import type { AuditEntry } from '../../domain/audit.ts'
import type { Delivery } from '../../domain/delivery.ts'
import { newErasure } from '../../domain/erasure.ts'
import type { VisitEvent } from '../../domain/event.ts'
import type { SubscriptionHealth } from '../../domain/health.ts'
import type { Replay } from '../../domain/replay.ts'
import { settingDefaults } from '../../domain/subscription-settings.ts'
import type { Subscription } from '../../domain/subscription.ts'
import type { AccessToken, Tenant } from '../../domain/tenant.ts'
import type { ListedKey } from '../keys/wire.ts'
import { serveApi } from '../../../test/support/serve-api.ts'

const leak = 'leak-4711'
/** Maps whose names belong to customers, and contents that are published as they are. */
const open: ReadonlySet<string> = new Set(['data', 'filter', 'headers', 'before', 'after'])

/** A stored value to which a later version of Doorbell has added a field, at every depth. */
const grown = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map(grown) as T
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, inner]) => [name, open.has(name) ? inner : grown(inner)] as const)
  return { ...Object.fromEntries(fields), internalNote: leak } as T
}

const id = 'sub_1'
const subscription = grown<Subscription>({
  id,
  tenant: 'acme',
  url: 'https://receiver.example/hook',
  eventTypes: ['visit.*'],
  filter: { site: ['brussels'] },
  ...settingDefaults,
  status: 'paused',
  statusReason: 'Paused by a user.',
  statusSince: 1,
  sealedSecret: leak,
  previousSecret: { sealed: leak, validUntil: 1 },
  sealedExtras: JSON.stringify({ headers: { 'x-a': 'b' }, auth: { type: 'bearer', token: 't' } }),
  shownExtras: { headers: { 'x-a': '***' }, auth: { type: 'bearer', token: '***' } },
  verification: { state: 'verified', at: 1, detail: 'It answered.' },
  probe: { accepted: false, at: 1, detail: 'It refused.' },
  version: 1,
  createdAt: 1,
  updatedAt: 1,
})
const health = grown<SubscriptionHealth>({
  subscriptionId: id,
  circuit: { phase: 'open', since: 1, until: 2, times: 1, reason: 'It fails.' },
  failingSince: 1,
  notices: 0,
  gone: 0,
  updatedAt: 1,
})
const delivery = grown<Delivery>({
  id,
  tenant: 'acme',
  partition: 0,
  subscriptionId: id,
  eventId: 'event-1',
  visitId: 'visit-1',
  type: 'visit.checked_in',
  streamSequence: 1,
  status: 'pending',
  nextAttemptAt: 1,
  attempts: [{ number: 1, at: 1, tookMs: 1, status: 503, url: 'https://receiver.example/', traceId: 'a', spanId: 'b' }],
  revision: 0,
  body: leak,
  traceparent: '',
  createdAt: 1,
  updatedAt: 1,
})
const event = grown<VisitEvent>({
  id,
  type: 'visit.checked_in',
  timestamp: '2026-03-02T08:56:12Z',
  tenant: 'acme',
  visitId: 'visit-1',
  data: { site: 'brussels' },
})
const tenant = grown<Tenant>({ id: 'acme', name: 'Acme', createdAt: 1 })
const token = grown<AccessToken>({
  id: 'tok_1',
  tenant: 'acme',
  description: 'wallboard',
  hash: leak,
  scopes: ['events:write'],
  createdAt: 1,
  createdBy: 'operator',
  expiresAt: null,
})
const replay = grown<Replay>({
  id: 'rpl_1',
  tenant: 'acme',
  subscriptionId: id,
  from: 1,
  to: 2,
  selection: 'all',
  perSecond: 20,
  state: 'running',
  total: 1,
  opened: 1,
  skipped: 0,
  cursor: null,
  traceparent: '',
  createdAt: 1,
  finishedAt: null,
})
const entry = grown<AuditEntry>({
  id: 'aud_1',
  tenant: 'acme',
  at: 1,
  actor: { kind: 'operator', id: 'operator' },
  action: 'putTenant',
  resource: { kind: 'tenant', id: 'acme' },
  outcome: 'done',
  before: {},
  after: { name: 'Acme' },
  traceId: null,
})
const key = grown<ListedKey>({ kid: 'key-1', alg: 'ES256', use: 'current', publicJwk: {}, createdAt: 1 })
const publicJwk = grown({ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'key-1', alg: 'ES256', use: 'sig', d: leak })
const erasure = grown(newErasure('era_1', 'acme', leak, 1))
const minute = grown({ subscriptionId: id, at: 1, attempts: 1, succeeded: 1, failed: 0, took: [1] })

interface Described {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { operationId: string; requestBody?: { content: Record<string, { example?: unknown }> } }>
      >
    >
  >
}

test('a field that is added to a stored document appears in no answer, in no audit entry and in no change', async t => {
  const written: AuditEntry[] = []
  const replaced: Subscription[] = []
  const { call } = await serveApi(t, {
    tenants: { put: async () => 'updated', get: async () => tenant, list: async () => [tenant] },
    tokens: {
      insert: async () => undefined,
      byHash: async () => token,
      list: async () => [token],
      revoke: async () => token,
      used: async () => undefined,
    },
    audit: {
      begin: async begun => void written.push(begun),
      end: async ended => void written.push(ended),
      forget: async () => undefined,
      list: async () => [entry],
    },
    subscriptions: {
      insert: async () => undefined,
      get: async () => subscription,
      list: async () => [subscription],
      replace: async changed => (replaced.push(changed), true),
      remove: async () => true,
      count: async () => 0,
    },
    health: { get: async () => health, many: async () => new Map([[id, health]]), forget: async () => undefined },
    deliveries: {
      list: async () => [delivery],
      get: async () => delivery,
      insert: async row => row,
      resend: async row => row,
      cancel: async row => row,
      skipHeld: async () => 0,
      backlogs: async () => new Map([[id, grown({ pending: 1, held: 0, oldestPendingAt: 1 })]]),
    },
    replays: {
      insert: async () => undefined,
      get: async () => replay,
      list: async () => [replay],
      progress: async () => grown({ delivered: 1, waiting: 0, dead: 0, cancelled: 0 }),
      cancel: async () => true,
    },
    retention: {
      defaults: grown({ payloadDays: 7, logDays: 30 }),
      own: async () => grown({ payloadDays: 3 }),
      put: async () => undefined,
    },
    erasures: { begin: async () => erasure, get: async () => erasure },
    signingKeys: { keys: () => [key], refresh: async () => undefined, rotate: async () => undefined },
    jwks: () => ({ keys: [publicJwk] }),
    activity: { since: async () => [minute] as never },
    readEvent: async () => event,
    readFeed: async () => [{ sequence: 1, event }],
    liveRows: () => of(delivery),
    accept: async () => grown({ id, duplicate: false }),
    sendTest: async row => grown({ ...row, status: 'delivered', nextAttemptAt: null }),
    checkEndpoint: async () =>
      grown({
        verification: { state: 'verified' as const, at: 1, detail: 'It answered.' },
        probe: { accepted: false, at: 1, detail: 'It refused.' },
      }),
  })
  const { paths } = (await call('GET', '/openapi.json')).body as unknown as Described
  const called: string[] = []
  for (const [path, methods] of Object.entries(paths))
    for (const [method, { operationId, requestBody }] of Object.entries(methods)) {
      const address = path
        .replace('{tenant}', 'acme')
        .replace('{code}', 'not_found')
        .replaceAll(/\{\w+\}/g, id)
      const content = requestBody?.content['application/json']
      const { status, body } = await call(method.toUpperCase(), address, content && (content.example ?? {}))
      t.true(status < 300, `${operationId}: ${JSON.stringify(body)}`)
      t.false(JSON.stringify(body).includes(leak), `${operationId}: ${JSON.stringify(body)}`)
      called.push(operationId)
    }
  t.true(called.length > 35)
  t.true(written.length > 20)
  t.false(JSON.stringify(written).includes(leak))
  t.true(replaced.length > 3)
  // The field stays where it is stored.
  t.true(replaced.every(changed => 'internalNote' in changed))
})
