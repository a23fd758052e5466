import { createHash } from 'node:crypto'
import test from 'ava'
import { eventTypes } from '../../config/event-types/index.ts'
import { declaredOperations } from '../../test/support/declared-operations.ts'
import { serveApi } from '../../test/support/serve-api.ts'
import { isoAgo, shownDocuments as shown } from '../../test/support/shown-documents.ts'
import { ago, nine, storedDocuments as stored } from '../../test/support/stored-documents.ts'
import { answersWithout, type Request, type WholeAnswer, wholeCalls } from '../../test/support/whole-calls.ts'
import { scopes } from '../domain/tenant.ts'
import { isAudited } from './operation/operation.ts'
import { writeCursor } from './operation/page.ts'
import { problemPage } from './service/problem-page.ts'

const traceId = `${'0'.repeat(31)}1`
const checkIn = {
  id: 'event-9',
  type: 'visit.checked_in',
  visitId: 'visit-9',
  data: eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample,
}
const accepted = { ...checkIn, tenant: 'acme', timestamp: isoAgo(0) }
const missing = ['/type', '/visitId', '/data'].map(pointer => ({ pointer, detail: 'is required' }))
const from = '2026-03-01T00:00:00Z'
const summary = { attempts: 4, succeeded: 3, failed: 1, successRate: 0.75, p50Ms: 0.5, p95Ms: 1 }
const whyPending =
  'Waiting: the endpoint asked Doorbell to retry later. Last attempt: No answer within 10 s. The next attempt is at 2026-03-02T09:01:00.000Z.'

/** Each call that changes no setting: what is asked, the whole answer, and all that the stores are asked for. */
const table: readonly (readonly [id: string, request: Request, answer: Partial<WholeAnswer>])[] = [
  [
    'listAudit',
    { query: '?resource=sub_1&action=pauseSubscription&limit=5' },
    {
      body: { items: [shown.entry], next: null },
      calls: [
        ['tenants.get', 'acme'],
        ['audit.list', { tenant: 'acme', resource: 'sub_1', action: 'pauseSubscription', limit: 6 }],
      ],
    },
  ],
  [
    'listAudit',
    {},
    { body: { items: [shown.entry], next: null }, calls: [['audit.list', { tenant: 'acme', limit: 51 }]] },
  ],
  [
    'listAuditOfAll',
    { query: '?resource=sub_1&action=pauseSubscription' },
    {
      body: { items: [shown.entry], next: null },
      calls: [['audit.list', { resource: 'sub_1', action: 'pauseSubscription', limit: 51 }]],
    },
  ],
  [
    'listDeliveries',
    {
      query: `?eventId=event-1&subscriptionId=sub_1&visitId=visit-1&type=visit.checked_in&status=pending&from=${from}&to=2026-03-02T00:00:00Z&limit=2`,
    },
    {
      body: { items: [shown.delivery], next: null },
      calls: [
        [
          'deliveries.list',
          {
            tenant: 'acme',
            eventId: 'event-1',
            subscriptionId: 'sub_1',
            visitId: 'visit-1',
            type: 'visit.checked_in',
            status: 'pending',
            from: Date.parse(from),
            to: Date.parse('2026-03-02T00:00:00Z'),
            limit: 3,
          },
        ],
      ],
    },
  ],
  [
    'listDeliveries',
    {},
    { body: { items: [shown.delivery], next: null }, calls: [['deliveries.list', { tenant: 'acme', limit: 51 }]] },
  ],
  ['getDelivery', {}, { body: shown.delivery, calls: [['deliveries.get', 'acme', 'id-1']] }],
  [
    'followDeliveries',
    {},
    {
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
      body: `: listening\n\nevent: delivery\ndata: ${JSON.stringify(shown.delivery)}\n\n`,
      calls: [['liveRows', 'acme']],
    },
  ],
  [
    'followDeliveries',
    { query: '?subscriptionId=sub_2' },
    {
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
      body: ': listening\n\n',
      calls: [['liveRows', 'acme']],
    },
  ],
  ['listEventTypes', {}, { body: { items: eventTypes, next: null } }],
  [
    'previewRetry',
    { body: { retry: { delaysMs: [1_000, 3_600_000] } } },
    {
      body: {
        attempts: [
          { number: 1, earliest: '2026-03-02T09:00:00.000Z', latest: '2026-03-02T09:00:00.000Z' },
          { number: 2, earliest: '2026-03-02T09:00:00.100Z', latest: '2026-03-02T09:00:01.000Z' },
          { number: 3, earliest: '2026-03-02T09:48:00.100Z', latest: '2026-03-02T10:12:01.000Z' },
        ],
        fullJitterBelowMs: 300_000,
      },
    },
  ],
  [
    'postEvent',
    { body: checkIn },
    { status: 202, body: { id: 'event-9', duplicate: false, traceId }, calls: [['accept', accepted]] },
  ],
  [
    'postEvents',
    { body: { events: [checkIn, {}] } },
    {
      status: 202,
      body: {
        results: [
          { id: 'event-9', duplicate: false },
          {
            type: 'https://doorbell.test/problems/invalid_request',
            title: 'Invalid request',
            status: 400,
            code: 'invalid_request',
            detail: '/type is required (and 2 more)',
            traceId,
            errors: missing,
          },
        ],
        traceId,
      },
      calls: [['accept', accepted]],
    },
  ],
  [
    'listEvents',
    { query: `?type=visit.checked_in&from=${from}&limit=3` },
    {
      body: { items: [stored.event], next: Buffer.from('{"sequence":41}').toString('base64url') },
      calls: [
        ['readFeed', { tenant: 'acme', type: 'visit.checked_in', from: Date.parse(from), after: null, limit: 3 }],
      ],
    },
  ],
  [
    'getEvent',
    { params: { id: 'event-1' } },
    {
      body: {
        id: 'event-1',
        type: 'visit.checked_in',
        visitId: 'visit-1',
        event: stored.event,
        deliveries: [shown.delivery],
        subscriptions: [
          { subscriptionId: 'sub_1', url: stored.subscription.url, outcome: 'pending', explanation: whyPending },
        ],
      },
      calls: [
        ['workedOnTo', 'acme'],
        ['deliveries.list', { tenant: 'acme', eventId: 'event-1', limit: 100 }],
        ['readEvent', 'acme', 'visit.checked_in', 41],
        ['subscriptions.list', 'acme', { limit: 50 }],
      ],
    },
  ],
  [
    'listKeys',
    {},
    { body: { items: [shown.key], next: null }, calls: [['signingKeys.refresh'], ['signingKeys.keys']] },
  ],
  [
    'getRetention',
    {},
    {
      body: { payloadDays: 3, logDays: 30, defaults: { payloadDays: 7, logDays: 30 } },
      calls: [['retention.own', 'acme']],
    },
  ],
  ['getErasure', {}, { body: shown.erasure, calls: [['erasures.get', 'acme', 'id-1']] }],
  [
    'listReplays',
    { query: '?subscriptionId=sub_1&limit=4' },
    {
      body: { items: [shown.replay], next: null },
      calls: [['replays.list', 'acme', { subscriptionId: 'sub_1', limit: 5 }]],
    },
  ],
  [
    'listReplays',
    {},
    { body: { items: [shown.replay], next: null }, calls: [['replays.list', 'acme', { limit: 51 }]] },
  ],
  [
    'getReplay',
    {},
    {
      body: { ...shown.replay, ...stored.progress },
      calls: [
        ['replays.get', 'acme', 'id-1'],
        ['replays.progress', stored.replay],
      ],
    },
  ],
  [
    'getKeySet',
    {},
    {
      headers: { 'cache-control': 'public, max-age=300', 'content-type': 'application/jwk-set+json' },
      body: { keys: [stored.publicJwk] },
      calls: [['jwks']],
    },
  ],
  ['isAlive', {}, { body: { status: 'ok' } }],
  ['isReady', {}, { body: { status: 'ok', acceptedEvents: 'on disk', checks: { nats: 'ok' } } }],
  ['getProblemPage', {}, { headers: { 'content-type': 'text/html; charset=utf-8' }, body: problemPage('not_found') }],
  [
    'getStats',
    { query: '?subscriptionId=sub_1' },
    {
      body: {
        from: isoAgo(60),
        to: isoAgo(0),
        items: [{ subscriptionId: 'sub_1', ...summary, buckets: [{ at: isoAgo(5), ...summary }] }],
      },
      calls: [['activity.since', 'acme', ago(60), 'sub_1']],
    },
  ],
  [
    'listSubscriptions',
    { query: '?limit=2' },
    {
      body: { items: [{ ...shown.subscription, ...shown.backlog }], next: null },
      calls: [
        ['subscriptions.list', 'acme', { limit: 3 }],
        ['health.many', ['sub_1']],
        ['deliveries.backlogs', ['sub_1']],
      ],
    },
  ],
  [
    'getSubscription',
    {},
    {
      headers: { etag: '"7"' },
      body: { ...shown.subscription, ...shown.backlog },
      calls: [
        ['subscriptions.get', 'acme', 'id-1'],
        ['health.get', 'sub_1'],
        ['deliveries.backlogs', ['sub_1']],
      ],
    },
  ],
  [
    'listTenants',
    { query: '?limit=2' },
    { body: { items: [{ id: 'acme', name: 'Acme' }], next: null }, calls: [['tenants.list', { limit: 3 }]] },
  ],
  ['getMe', {}, { body: { role: 'operator', kind: 'operator', id: 'operator', tenant: null, name: null, scopes } }],
  [
    'getMe',
    { headers: { authorization: 'Bearer dbt_1' } },
    {
      body: { role: 'tenant', kind: 'token', id: 'tok_1', tenant: 'acme', name: 'Acme', scopes: stored.token.scopes },
      calls: [
        ['tokens.byHash', createHash('sha256').update('dbt_1').digest('hex')],
        ['tokens.used', 'tok_1', nine],
        ['tenants.get', 'acme'],
      ],
    },
  ],
  [
    'listTenants',
    { query: `?cursor=${writeCursor('a')}` },
    {
      body: { items: [{ id: 'acme', name: 'Acme' }], next: null },
      calls: [['tenants.list', { limit: 51, after: 'a' }]],
    },
  ],
  [
    'listAudit',
    { query: `?cursor=${writeCursor('aud_7')}` },
    {
      body: { items: [shown.entry], next: null },
      calls: [['audit.list', { tenant: 'acme', before: 'aud_7', limit: 51 }]],
    },
  ],
  [
    'listSubscriptions',
    { query: `?cursor=${writeCursor('sub_0')}` },
    {
      body: { items: [{ ...shown.subscription, ...shown.backlog }], next: null },
      calls: [
        ['subscriptions.list', 'acme', { limit: 51, after: 'sub_0' }],
        ['health.many', ['sub_1']],
        ['deliveries.backlogs', ['sub_1']],
      ],
    },
  ],
  [
    'listTokens',
    { query: '?limit=2' },
    { body: { items: [shown.token], next: null }, calls: [['tokens.list', 'acme', { limit: 3 }]] },
  ],
]

test('each call that reads answers with what is stored for its tenant, field by field, and asks the stores for nothing else', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  for (const [id, request, answer] of table) {
    const { headers, ...found } = await call(id, request)
    const expected = { status: 200, calls: [], ...answer }
    t.deepEqual({ ...found, ...(headers && { headers }) }, expected, id)
  }
  const reading = declaredOperations.filter(operation => !isAudited(operation)).map(({ id }) => id)
  // The description of the API is compared in openapi/.
  t.deepEqual(
    reading.filter(id => !table.some(([each]) => each === id)),
    ['getOpenApi'],
  )
})

test('a call that reads waits for each store: while one is away it is refused, and goes no further', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  await call('getRetention')
  // Each event of a batch has a result of its own.
  for (const [id, request] of table.filter(([each]) => each !== 'postEvents'))
    for (const [name, answer] of Object.entries(await answersWithout(call, id, request)))
      t.deepEqual(answer, [503, []], `${id} without ${name}`)
})
