import type { Document } from 'mongodb'
import type { AuditEntry } from '../../src/domain/audit.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import { type Erasure, newErasure } from '../../src/domain/erasure.ts'
import type { SubscriptionHealth } from '../../src/domain/health.ts'
import type { Replay } from '../../src/domain/replay.ts'
import type { StoredKey } from '../../src/domain/signing-key.ts'
import type { AccessToken } from '../../src/domain/tenant.ts'
import { toDocument } from '../../src/ledger/delivery-document.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { attempt, newTenant, now } from './ledger.ts'

const visitor = 'anna'
/** Part of every id of the other tenant. The name of the first tenant is the beginning of the other's. */
export const other = '-other'

/** A tenant with documents in every collection. Ids that tenants choose are the same for both, generated ids differ. */
export const worldOf = (number: number, suffix: '' | typeof other) => {
  const of = newTenant(`m${number}${suffix}`)
  const { tenant, subscriptionId } = of
  const id = (kind: string) => `${kind}_${tenant}`
  const about = JSON.stringify({ data: { visitor: { id: visitor } } })
  const answered = attempt(1, { response: `no ${visitor} at ${tenant}` })
  const closed = { nextAttemptAt: null, attempts: [answered] }
  const ordered = { ordered: true, visitId: 'visit-2' } as const
  const replay: Replay = {
    id: id('rpl'),
    tenant,
    subscriptionId,
    from: 0,
    to: now,
    selection: 'all',
    perSecond: 1,
    state: 'running',
    total: 1,
    opened: 0,
    skipped: 0,
    cursor: null,
    traceparent: '',
    createdAt: 1,
    finishedAt: null,
  }
  const cancelledReplay: Replay = { ...replay, id: id('over'), state: 'cancelled', finishedAt: 1 }
  const rows = {
    due: of.row('due', { body: about, attempts: [answered] }),
    active: of.row('active', ordered),
    turn: of.row('turn', {
      ...ordered,
      status: 'held',
      reason: 'waiting_turn',
      nextAttemptAt: null,
      streamSequence: 2,
    }),
    first: of.row('first', { ordered: true, visitId: 'visit-3', nextAttemptAt: null, status: 'held' }),
    done: of.row('done', { ...closed, status: 'delivered' }),
    opened: of.row('opened', { status: 'held', reason: 'replay', replayId: replay.id, statusBefore: 'dead' }),
    left: of.row('left', { status: 'held', reason: 'replay', replayId: cancelledReplay.id, statusBefore: 'dead' }),
    only: of.row(`only-${tenant}`, { body: about }),
  } satisfies Record<string, Delivery>
  const health: SubscriptionHealth = {
    subscriptionId,
    circuit: { phase: 'open', since: 1, until: 2, times: 1, reason: tenant },
    failingSince: 1,
    notices: 0,
    gone: 0,
    updatedAt: 1,
  }
  const token: AccessToken = {
    id: id('tok'),
    tenant,
    hash: `${number}${suffix === '' ? 'a' : 'b'}`.padStart(64, '0'),
    scopes: [],
    createdAt: 1,
    expiresAt: null,
  }
  const entry: AuditEntry = {
    id: id('aud'),
    tenant,
    at: now,
    actor: { kind: 'system', id: 'doorbell' },
    action: 'changeSubscription',
    resource: { kind: 'subscription', id: subscriptionId },
    outcome: 'begun',
    traceId: null,
  }
  const minute = { tenant, subscriptionId, at: now, attempts: 1, failed: 0, took: [1] }
  const aside = {
    sequence: number * 2 + (suffix === '' ? 0 : 1),
    partition: 1,
    tenant,
    type: 'x',
    reason: 'x',
    text: about,
    at: 1_000,
  }
  const unmatched = { tenant, eventId: `none-${tenant}`, type: 'x', visitId: 'x', streamSequence: 1, at: 1_000 }
  const erasure: Erasure = newErasure(id('ers'), tenant, suffix === '' ? 'ben' : visitor, 1)
  const subscription = of.subscription()
  const expireAt = new Date(Date.now() + 1e9)
  const documents: Record<string, Document[]> = {
    tenants: [{ _id: tenant, name: tenant, createdAt: 1, retention: { payloadDays: 3 } }],
    tokens: [stored(token)],
    subscriptions: [stored(subscription)],
    deliveries: Object.values(rows).map(toDocument),
    health: [stored({ id: subscriptionId, ...health }, 'subscriptionId')],
    replays: [stored(replay), stored(cancelledReplay)],
    erasures: [stored(erasure)],
    audit: [{ ...stored(entry), expireAt }],
    idempotency: [{ _id: id('key'), fingerprint: 'f', begunAt: 1, expireAt }],
    unmatched: [{ _id: `${tenant}.${unmatched.eventId}`, ...unmatched, expireAt }],
    activity: [{ _id: `${subscriptionId}.${now}`, ...minute, took: { 0: 1 }, expireAt }],
    aside: [{ ...stored({ id: aside.sequence, ...aside }, 'sequence'), expireAt }],
  }
  const plain = { tenant, subscriptionId, rows, subscription, token, entry, replay, cancelledReplay, erasure, health }
  return { ...plain, id, row: of.row, minute, unmatched, aside, documents }
}
type World = ReturnType<typeof worldOf>

export const stored = ({ id: _id, ...rest }: { readonly id: unknown } & object, without = ''): Document => ({
  _id,
  ...Object.fromEntries(Object.entries(rest).filter(([name]) => name !== without)),
})

export const key = (kid: string, use: StoredKey['use']): StoredKey => ({
  kid,
  alg: 'ES256',
  use,
  publicJwk: {},
  sealedPrivateJwk: 'sealed',
  createdAt: 1,
})

interface Method {
  /** A call by this tenant about that one's documents. */
  readonly call: (ledger: Ledger, tenant: string, of: World) => unknown
  /** The result for a tenant that names another tenant's ids. Absent: the method takes no tenant beside the id, so its callers read the document first. */
  readonly foreign?: unknown
  /** True: workers and operators ask, for all tenants. */
  readonly fleet?: true
}

const nothingErased = { deliveries: 0, cancelled: 0, subscriptionIds: [] }

/** Every method of every store, with a call that finds or changes something. */
export const methods: Readonly<Record<string, Method>> = {
  'tenants.put': { call: (l, tenant) => l.tenants.put(tenant, 'new', now) },
  'tenants.get': { call: (l, tenant) => l.tenants.get(tenant) },
  'tenants.list': { call: l => l.tenants.list({ limit: 9 }), fleet: true },

  'retention.get': { call: (l, tenant) => l.retention.get(tenant) },
  'retention.put': { call: (l, tenant) => l.retention.put(tenant, { payloadDays: 2 }) },
  'retention.list': { call: l => l.retention.list('', 9), fleet: true },
  'retention.longestPayloadDays': { call: l => l.retention.longestPayloadDays(), fleet: true },
  'retention.removeContent': {
    call: (l, tenant) => l.retention.removeContent({ tenant, own: {}, contentRemovedTo: 0 }, now, now),
  },
  'retention.contentRemoved': { call: (l, tenant) => l.retention.contentRemoved(tenant, now) },
  'retention.removeRows': { call: (l, tenant) => l.retention.removeRows(tenant, now) },

  'audit.begin': { call: (l, tenant, of) => l.audit.begin({ ...of.entry, id: of.id('new'), tenant }) },
  'audit.end': { call: (l, _, of) => l.audit.end({ ...of.entry, outcome: 'done' }) },
  'audit.forget': { call: (l, _, of) => l.audit.forget(of.entry.id) },
  'audit.list': {
    call: (l, tenant, of) =>
      l.audit.list({ tenant, resource: of.subscriptionId, action: of.entry.action, before: of.id('b'), limit: 9 }),
    foreign: [],
  },

  'tokens.insert': {
    call: (l, tenant, of) =>
      l.tokens.insert({ ...of.token, id: of.id('new'), tenant, hash: of.token.hash.replace('0', 'c') }),
  },
  'tokens.byHash': { call: (l, _, of) => l.tokens.byHash(of.token.hash) },
  'tokens.list': { call: (l, tenant) => l.tokens.list(tenant, { limit: 9, after: 'a' }) },
  'tokens.revoke': { call: (l, tenant, of) => l.tokens.revoke(tenant, of.token.id, now), foreign: null },
  'tokens.used': { call: (l, _, of) => l.tokens.used(of.token.id, now) },

  'keys.load': { call: l => l.keys.load(), fleet: true },
  'keys.insertFirst': { call: l => l.keys.insertFirst(key('kid-1', 'current')), fleet: true },
  'keys.reseal': { call: l => l.keys.reseal('kid-2', 'sealed', 'again'), fleet: true },
  'keys.rotate': { call: l => l.keys.rotate('kid-1', 'kid-2', key('kid-3', 'next'), now), fleet: true },
  'keys.forgetRetired': { call: l => l.keys.forgetRetired(now + 1), fleet: true },

  'subscriptions.insert': {
    call: (l, tenant, of) => l.subscriptions.insert({ ...of.subscription, id: of.id('new'), tenant }),
  },
  'subscriptions.get': { call: (l, tenant, of) => l.subscriptions.get(tenant, of.subscriptionId), foreign: null },
  'subscriptions.list': { call: (l, tenant) => l.subscriptions.list(tenant, { limit: 9, after: 'a' }) },
  'subscriptions.versions': { call: l => l.subscriptions.versions(), fleet: true },
  'subscriptions.isStored': { call: (l, _, of) => l.subscriptions.isStored(of.subscriptionId) },
  'subscriptions.current': { call: (l, tenant) => l.subscriptions.current(tenant) },
  'subscriptions.replace': {
    call: (l, tenant, of) => l.subscriptions.replace({ ...of.subscription, tenant, version: 2 }, 1),
    foreign: false,
  },
  'subscriptions.disable': { call: (l, _, of) => l.subscriptions.disable(of.subscriptionId, 'x', now) },
  'subscriptions.reseal': {
    call: (l, _, of) => l.subscriptions.reseal(of.subscriptionId, 'sealedSecret', 'sealed', 'again'),
  },
  'subscriptions.remove': {
    call: async (l, tenant, of) =>
      (await l.subscriptions.remove(tenant, of.subscriptionId, 1)) ||
      (await l.subscriptions.remove(tenant, of.subscriptionId)),
    foreign: false,
  },
  'subscriptions.count': { call: (l, tenant) => l.subscriptions.count(tenant) },
  'subscriptions.all': { call: l => l.subscriptions.all(), fleet: true },

  'erasures.begin': {
    call: (l, tenant, of) => l.erasures.begin(newErasure(of.id('new'), tenant, visitor, 1)),
  },
  'erasures.get': { call: (l, tenant, of) => l.erasures.get(tenant, of.erasure.id), foreign: null },
  'erasures.running': { call: l => l.erasures.running(), fleet: true },
  'erasures.advance': { call: (l, _, of) => l.erasures.advance({ ...of.erasure, cursor: 5 }) },
  'erasures.finish': { call: (l, _, of) => l.erasures.finish(of.erasure, now) },

  'eraseRows.eraseEvents': {
    call: (l, tenant, of) => l.eraseRows.eraseEvents(tenant, [of.rows.only.eventId], now),
    foreign: nothingErased,
  },
  'eraseRows.eventsAbout': { call: (l, tenant) => l.eraseRows.eventsAbout(tenant, visitor) },
  'eraseRows.eraseAnswers': { call: (l, tenant) => l.eraseRows.eraseAnswers(tenant, visitor) },

  'deliveries.existing': { call: (l, _, of) => l.deliveries.existing([of.rows.due.id]) },
  'deliveries.insert': { call: (l, _, of) => l.deliveries.insert(of.row('new')) },
  'deliveries.update': { call: (l, _, of) => l.deliveries.update({ ...of.rows.due, revision: 2 }) },
  'deliveries.due': { call: (l, _, of) => l.deliveries.due(of.subscriptionId, now, 9) },
  'deliveries.nextDueAt': { call: (l, _, of) => l.deliveries.nextDueAt(of.subscriptionId, 1) },
  'deliveries.backlogged': { call: l => l.deliveries.backlogged(), fleet: true },
  'deliveries.backlogs': { call: (l, _, of) => l.deliveries.backlogs([of.subscriptionId]) },
  'deliveries.cancelAll': {
    call: (l, _, of) => l.deliveries.cancelAll(of.subscriptionId, 'subscription_deleted', now),
  },
  'deliveries.skipHeld': { call: (l, _, of) => l.deliveries.skipHeld(of.subscriptionId, 0, now) },
  'deliveries.expire': { call: (l, _, of) => l.deliveries.expire(of.subscriptionId, now, now) },
  'deliveries.remove': { call: (l, _, of) => l.deliveries.remove(of.rows.due.id) },
  'deliveries.resend': { call: (l, _, of) => l.deliveries.resend(of.rows.done, '{}', now) },
  'deliveries.cancel': { call: (l, _, of) => l.deliveries.cancel(of.rows.active, now) },
  'deliveries.list': {
    call: async (l, tenant, of) => {
      const { subscriptionId } = of
      const before = { createdAt: now, id: 'z' }
      const both = [
        { tenant, subscriptionId, visitId: 'visit-1', limit: 9 },
        { tenant, eventId: of.rows.only.eventId, from: 0, to: now, before, limit: 9 },
      ]
      return (await Promise.all(both.map(l.deliveries.list))).flat()
    },
    foreign: [],
  },
  'deliveries.get': { call: (l, tenant, of) => l.deliveries.get(tenant, of.rows.due.id), foreign: null },

  'visitOrder.openVisits': { call: (l, _, of) => l.visitOrder.openVisits(of.subscriptionId) },
  'visitOrder.next': { call: (l, _, of) => l.visitOrder.next(of.subscriptionId, 'visit-3') },

  'replays.insert': { call: (l, tenant, of) => l.replays.insert({ ...of.replay, id: of.id('new'), tenant }) },
  'replays.get': { call: (l, tenant, of) => l.replays.get(tenant, of.replay.id), foreign: null },
  'replays.list': {
    call: (l, tenant, { subscriptionId }) => l.replays.list(tenant, { subscriptionId, before: 'z', limit: 9 }),
    foreign: [],
  },
  'replays.running': { call: l => l.replays.running(), fleet: true },
  'replays.advance': { call: (l, _, of) => l.replays.advance({ ...of.replay, opened: 1 }) },
  'replays.count': { call: (l, tenant, of) => l.replays.count({ ...of.replay, tenant }), foreign: 0 },
  'replays.next': { call: (l, tenant, of) => l.replays.next({ ...of.replay, tenant }, 9), foreign: [] },
  'replays.open': { call: (l, _, of) => l.replays.open(of.rows.done, of.replay.id, '{}', now, now) },
  'replays.progress': { call: (l, _, of) => l.replays.progress(of.replay) },
  'replays.cancel': { call: (l, tenant, of) => l.replays.cancel(tenant, of.replay.id, now), foreign: false },
  'replays.afterCancel': {
    call: (l, tenant, of) => l.replays.afterCancel({ ...of.cancelledReplay, tenant }, now),
    foreign: undefined,
  },

  'health.get': { call: (l, _, of) => l.health.get(of.subscriptionId) },
  'health.many': { call: (l, _, of) => l.health.many([of.subscriptionId]) },
  'health.withOpenCircuit': { call: l => l.health.withOpenCircuit(), fleet: true },
  'health.put': { call: (l, _, of) => l.health.put({ ...of.health, gone: 1 }) },
  'health.forget': { call: (l, _, of) => l.health.forget(of.subscriptionId) },

  'idempotency.begin': { call: (l, _, of) => l.idempotency.begin(of.id('key'), 'f', now) },
  'idempotency.finish': { call: (l, _, of) => l.idempotency.finish(of.id('key'), 'sealed') },
  'idempotency.forget': { call: (l, _, of) => l.idempotency.forget(of.id('key')) },

  'unmatched.keep': { call: (l, tenant, of) => l.unmatched.keep({ ...of.unmatched, tenant, eventId: 'new' }) },
  'unmatched.get': { call: (l, tenant, of) => l.unmatched.get(tenant, of.unmatched.eventId), foreign: null },
  'unmatched.removeBefore': { call: (l, tenant) => l.unmatched.removeBefore(tenant, now) },

  'activity.add': { call: (l, _, of) => l.activity.add([of.minute]) },
  'activity.since': { call: (l, tenant, of) => l.activity.since(tenant, 0, of.subscriptionId), foreign: [] },

  'aside.keep': { call: (l, _, of) => l.aside.keep({ ...of.aside, reason: 'new' }) },
  'aside.list': { call: l => l.aside.list(9), fleet: true },
  'aside.removeWhere': { call: (l, tenant) => l.aside.removeWhere(tenant, text => text.includes(visitor)) },
  'aside.tenants': { call: l => l.aside.tenants(), fleet: true },
  'aside.removeBefore': { call: (l, tenant) => l.aside.removeBefore(tenant, now) },

  census: { call: l => l.census(), fleet: true },
  ping: { call: async l => (await l.ping()) ?? 'pong', fleet: true },
}
