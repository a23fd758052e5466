import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ExecutionContext } from 'ava'
import { NEVER, of } from 'rxjs'
import { eventTypes } from '../../config/event-types/index.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { VisitEvent } from '../../src/domain/event.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { AccessToken, Tenant } from '../../src/domain/tenant.ts'
import { createEventReader } from '../../src/intake/read-event.ts'
import { mountPortal } from '../../src/portal/mount.ts'
import { createApi } from '../../src/api/api.ts'
import type { ApiDeps } from '../../src/api/deps.ts'

const adminToken = 'operator'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** Serves the API over HTTP with dependencies in memory and a tenant `acme`. `change` replaces dependencies. */
export const serveApi = async (t: ExecutionContext, change: Partial<ApiDeps> = {}) => {
  const state = memory()
  const app = createApi({ ...depsOf(state), ...change })
  mountPortal(app, 'https://doorbell.test')
  const handle = app.callback()
  const server = createServer((request: IncomingMessage, response: ServerResponse) => void handle(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const call = async (method: string, path: string, body?: unknown, headers = {}): Promise<Answer> => {
    const answer = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.includes('json') === true && text !== ''
    return {
      status: answer.status,
      headers: answer.headers,
      body: isJson ? (JSON.parse(text) as Record<string, unknown>) : { text },
    }
  }
  return { ...state, call, url: base }
}

const memory = () => ({
  accepted: [] as VisitEvent[],
  tenants: new Map<string, Tenant>([['acme', { id: 'acme', name: 'Acme', createdAt: 0 }]]),
  tokens: new Map<string, AccessToken>(),
  subscriptions: new Map<string, Subscription>(),
  deliveries: [] as Delivery[],
  logged: [] as object[],
})

const depsOf = (state: ReturnType<typeof memory>): ApiDeps => ({
  role: 'all',
  acceptedEvents: () => 'on disk',
  publicUrl: 'https://doorbell.test',
  adminToken,
  jaegerUrl: 'http://jaeger.test',
  eventTypes,
  readPosted: createEventReader(eventTypes).posted,
  accept: async event => {
    const duplicate = state.accepted.some(({ id }) => id === event.id)
    if (!duplicate) state.accepted.push(event)
    return { id: event.id, duplicate }
  },
  tenants: {
    put: async (id, name, now) => {
      const result = state.tenants.has(id) ? 'updated' : 'created'
      state.tenants.set(id, { id, name, createdAt: now })
      return result
    },
    get: async id => state.tenants.get(id) ?? null,
    list: async () => [...state.tenants.values()],
  },
  tokens: {
    insert: async token => void state.tokens.set(token.hash, token),
    byHash: async hash => state.tokens.get(hash) ?? null,
    list: async () => [...state.tokens.values()],
    revoke: async () => null,
    used: async () => undefined,
  },
  audit: {
    begin: async () => undefined,
    end: async () => undefined,
    forget: async () => undefined,
    list: async () => [],
  },
  identify: null,
  subscriptions: {
    insert: async subscription => void state.subscriptions.set(subscription.id, subscription),
    get: async (_tenant, id) => state.subscriptions.get(id) ?? null,
    list: async () => [...state.subscriptions.values()],
    replace: async (subscription, expectedVersion) => {
      if (state.subscriptions.get(subscription.id)?.version !== expectedVersion) return false
      state.subscriptions.set(subscription.id, subscription)
      return true
    },
    remove: async (_tenant, id) => state.subscriptions.delete(id),
    count: async () => state.subscriptions.size,
  },
  deliveries: {
    list: async ({ limit }) => state.deliveries.slice(0, limit),
    get: async (_tenant, id) => state.deliveries.find(row => row.id === id) ?? null,
    insert: async row => (state.deliveries.push(row), row),
    resend: async row => row,
    cancel: async row => row,
    skipHeld: async () => 0,
    backlogs: async () => new Map(),
  },
  derive: text => createHash('sha256').update(text).digest(),
  idempotency: {
    begin: async (_, __, at) => ({ state: 'ours', at, isRepeated: false }),
    finish: async () => undefined,
    forget: async () => undefined,
  },
  requestsPerMinute: 1_000_000,
  eventsPerMinute: 1_000_000,
  eventsPerVisit: 1_000_000,
  visitFlooded: () => undefined,
  corsOrigins: [],
  health: { get: async () => null, many: async () => new Map(), forget: async () => undefined },
  replays: {
    insert: async () => undefined,
    get: async () => null,
    list: async () => [],
    progress: async () => ({ delivered: 0, waiting: 0, dead: 0, cancelled: 0 }),
    cancel: async () => false,
  },
  retention: { defaults: { payloadDays: 7, logDays: 30 }, own: async () => ({}), put: async () => undefined },
  erasures: { begin: async erasure => erasure, get: async () => null },
  countReplay: async () => 0,
  sendTest: async row => ({ ...row, status: 'delivered', nextAttemptAt: null }),
  bodyOf: async row => row.body ?? null,
  wake: () => undefined,
  endpointAnswered: () => undefined,
  inForce: async () => undefined,
  mark: async () => 41,
  readEvent: async () => null,
  readFeed: async () => [],
  workedOnTo: async () => 42,
  findWaiting: async () => null,
  unmatched: { get: async () => null },
  activity: { since: async () => [] },
  liveRows: () => of('open' as const),
  stopping$: NEVER,
  revokedTokens$: NEVER,
  jwks: () => ({ keys: [] }),
  signingKeys: { keys: () => [], refresh: async () => undefined, rotate: async () => undefined },
  checkEndpoint: async () => ({
    verification: { state: 'verified', at: 0, detail: '' },
    probe: { accepted: false, at: 0, detail: '' },
  }),
  newSecret: (_: Buffer) => 'whsec_x',
  seal: async text => `sealed ${text.length}`,
  open: async sealed => sealed,
  checkUrl: async () => undefined,
  checks: async () => ({ nats: 'ok' }),
  trace: () => ({ traceId: '0'.repeat(31) + '1', traceparent: `00-${'0'.repeat(31)}1-${'0'.repeat(15)}1-01` }),
  observe: async (_context, next) => void (await next()),
  now: Date.now,
  log: { error: fields => void state.logged.push(fields) },
})
