import { of } from 'rxjs'
import type { ApiDeps } from '../../src/api/deps.ts'
import { nine, type StoredDocuments, storedDocuments } from './stored-documents.ts'

/** Stores of the API that find these documents, whatever they are asked for, and keep nothing. */
export const fakeStores = (found: StoredDocuments = storedDocuments) =>
  ({
    tenants: { put: async () => 'updated', get: async () => found.tenant, list: async () => [found.tenant] },
    tokens: {
      insert: async () => undefined,
      byHash: async () => found.token,
      list: async () => [found.token],
      revoke: async () => found.token,
      used: async () => undefined,
    },
    audit: {
      begin: async () => undefined,
      end: async () => undefined,
      forget: async () => undefined,
      list: async () => [found.entry],
    },
    subscriptions: {
      insert: async () => undefined,
      get: async () => found.subscription,
      list: async () => [found.subscription],
      replace: async () => true,
      remove: async () => true,
      count: async () => 49,
    },
    health: {
      get: async () => found.health,
      many: async () => new Map([[found.subscription.id, found.health]]),
      forget: async () => undefined,
    },
    deliveries: {
      list: async () => [found.delivery],
      get: async () => found.delivery,
      insert: async row => row,
      resend: async row => ({ ...row, status: 'pending', reason: 'resent' }),
      cancel: async row => ({ ...row, status: 'cancelled', reason: 'cancelled', nextAttemptAt: null }),
      skipHeld: async () => 6,
      backlogs: async () => new Map([[found.subscription.id, found.backlog]]),
    },
    replays: {
      insert: async () => undefined,
      get: async () => found.replay,
      list: async () => [found.replay],
      progress: async () => found.progress,
      cancel: async () => true,
    },
    retention: {
      defaults: found.retentionDefaults,
      own: async () => found.ownRetention,
      put: async () => undefined,
    },
    erasures: { begin: async erasure => ({ ...found.erasure, id: erasure.id }), get: async () => found.erasure },
    signingKeys: { keys: () => [found.key], refresh: async () => undefined, rotate: async () => undefined },
    jwks: () => ({ keys: [found.publicJwk] }),
    activity: { since: async () => [found.minute] },
    workedOnTo: async () => 42,
    findWaiting: async () => null,
    unmatched: { get: async () => ({ type: 'visit.created', visitId: 'visit-2', streamSequence: 42, at: nine }) },
    readEvent: async () => found.event,
    readFeed: async () => [{ sequence: 41, event: found.event }],
    liveRows: () => of('open' as const, found.delivery),
    accept: async event => ({ id: event.id, duplicate: false }),
    countReplay: async () => 8,
    bodyOf: async () => '{"a":1}',
    sendTest: async row => ({ ...row, status: 'delivered', nextAttemptAt: null }),
    checkEndpoint: async () => found.checked,
    checkUrl: async () => undefined,
    inForce: async () => undefined,
    mark: async () => 41,
    wake: () => undefined,
    endpointAnswered: () => undefined,
    seal: async text => `sealed ${text}`,
    open: async sealed => sealed,
    now: () => nine,
  }) satisfies Partial<ApiDeps>
