import test from 'ava'
import { eventTypes } from '../../config/event-types/index.ts'
import { declaredOperations } from '../../test/support/declared-operations.ts'
import type { RecordedCall } from '../../test/support/recorded.ts'
import { serveApi } from '../../test/support/serve-api.ts'
import { isoAgo, shownDocuments as shown } from '../../test/support/shown-documents.ts'
import { ago, minuteMs, nine, storedDocuments as stored } from '../../test/support/stored-documents.ts'
import { answersWithout, type Request, type WholeAnswer, wholeCalls } from '../../test/support/whole-calls.ts'
import { newErasure } from '../domain/erasure.ts'
import { settingDefaults } from '../domain/subscription-settings.ts'
import { wireBody } from '../domain/event.ts'
import { isAudited } from './operation/operation.ts'

const traceId = `${'0'.repeat(31)}1`
const traceparent = `00-${traceId}-${'0'.repeat(15)}1-01`
const { subscription, delivery } = stored
const { statusReason: _, statusSince: __, ...withoutReason } = subscription
const { statusReason: ___, statusSince: ____, ...shownActive } = shown.subscription
/** The stored subscription after a change at nine. */
const changed = { version: 8, updatedAt: nine }
const isoNine = isoAgo(0)

const sampleOf = (wanted: string) => {
  const found = eventTypes.find(({ type }) => type === wanted)
  if (found === undefined) throw new Error(`no type ${wanted}`)
  return { type: wanted, data: found.sample }
}
const testRow = {
  id: 'test_new.sub_1',
  tenant: 'acme',
  partition: 0,
  subscriptionId: 'sub_1',
  eventId: 'test_new',
  visitId: 'visit-sample',
  type: 'visit.checked_out',
  streamSequence: 0,
  status: 'pending',
  nextAttemptAt: nine,
  attempts: [],
  revision: 0,
  kind: 'test',
  body: wireBody(
    { ...sampleOf('visit.checked_out'), id: 'test_new', timestamp: isoNine, tenant: 'acme', visitId: 'visit-sample' },
    'full',
    0,
  ),
  traceparent,
  createdAt: nine,
  updatedAt: nine,
}
const newReplay = {
  id: 'rpl_new',
  tenant: 'acme',
  subscriptionId: 'sub_1',
  from: Date.parse('2026-03-01T00:00:00Z'),
  to: nine,
  selection: 'dead',
  perSecond: 3,
  state: 'running',
  total: 0,
  opened: 0,
  skipped: 0,
  cursor: null,
  traceparent,
  createdAt: nine,
  finishedAt: null,
}
const replayBody = {
  subscriptionId: 'sub_1',
  from: '2026-03-01T00:00:00Z',
  to: '2026-03-03T00:00:00Z',
  status: 'dead',
  perSecond: 3,
}
const newSettings = { url: 'https://new.example/?key=1', eventTypes: ['visit.*'], ...settingDefaults }

interface Change {
  readonly kind: string
  /** Of the resource in the path, and of the one that the call made or found. */
  readonly id: string
  readonly ended?: string
  readonly tenant?: string | null
  readonly before?: object
  readonly after?: object
}

/** Each call that changes something: what is asked, the whole answer, what the stores are asked to do in this order, and what the audit log shows. */
const table: readonly (readonly [id: string, request: Request, answer: Partial<WholeAnswer>, change: Change])[] = [
  [
    'pauseSubscription',
    {},
    {
      headers: { etag: '"7"' },
      body: shown.subscription,
      calls: [
        ['subscriptions.get', 'acme', 'id-1'],
        ['inForce', 'acme', 'sub_1', 7],
        ['health.get', 'sub_1'],
      ],
    },
    { kind: 'subscription', id: 'id-1' },
  ],
  [
    'resumeSubscription',
    { body: { catchUp: false } },
    {
      headers: { etag: '"8"' },
      body: { ...shownActive, status: 'active', updatedAt: isoNine, pending: 2, held: 3, skipped: 6 },
      calls: [
        ['subscriptions.get', 'acme', 'id-1'],
        ['deliveries.skipHeld', 'sub_1', ago(30), nine],
        ['subscriptions.get', 'acme', 'id-1'],
        ['subscriptions.replace', { ...withoutReason, ...changed, status: 'active' }, 7],
        ['inForce', 'acme', 'sub_1', 8],
        ['wake', 'sub_1'],
        ['deliveries.backlogs', ['sub_1']],
        ['health.get', 'sub_1'],
      ],
    },
    { kind: 'subscription', id: 'id-1', before: { status: 'paused' }, after: { status: 'active', skipped: 6 } },
  ],
  [
    'resumeSubscription',
    {},
    {
      headers: { etag: '"8"' },
      body: { ...shownActive, status: 'active', updatedAt: isoNine, pending: 2, held: 3, skipped: 0 },
      calls: [
        ['subscriptions.get', 'acme', 'id-1'],
        ['subscriptions.get', 'acme', 'id-1'],
        ['subscriptions.replace', { ...withoutReason, ...changed, status: 'active' }, 7],
        ['inForce', 'acme', 'sub_1', 8],
        ['wake', 'sub_1'],
        ['deliveries.backlogs', ['sub_1']],
        ['health.get', 'sub_1'],
      ],
    },
    { kind: 'subscription', id: 'id-1', before: { status: 'paused' }, after: { status: 'active' } },
  ],
  [
    'testSubscription',
    { body: { type: 'visit.checked_out' } },
    {
      body: {
        id: 'test_new.sub_1',
        eventId: 'test_new',
        subscriptionId: 'sub_1',
        visitId: 'visit-sample',
        type: 'visit.checked_out',
        status: 'delivered',
        kind: 'test',
        createdAt: isoNine,
        updatedAt: isoNine,
        traceId,
        jaegerUrl: `http://jaeger.test/trace/${traceId}`,
        attempts: [],
      },
      calls: [
        ['subscriptions.get', 'acme', 'id-1'],
        ['sendTest', testRow, subscription],
        ['deliveries.insert', { ...testRow, status: 'delivered', nextAttemptAt: null }],
        ['endpointAnswered', 'sub_1'],
      ],
    },
    {
      kind: 'subscription',
      id: 'id-1',
      after: { deliveryId: 'test_new.sub_1', type: 'visit.checked_out', status: 'delivered' },
    },
  ],
  [
    'rotateSecret',
    { body: { overlapMs: minuteMs } },
    {
      body: { secret: 'whsec_x', previousValidUntil: '2026-03-02T09:01:00.000Z' },
      calls: [
        ['seal', 'whsec_x'],
        ['subscriptions.get', 'acme', 'id-1'],
        [
          'subscriptions.replace',
          {
            ...subscription,
            ...changed,
            sealedSecret: 'sealed whsec_x',
            previousSecret: { sealed: 'sealed-secret', validUntil: nine + minuteMs },
          },
          7,
        ],
        ['inForce', 'acme', 'sub_1', 8],
      ],
    },
    { kind: 'subscription', id: 'id-1', after: { previousValidUntil: '2026-03-02T09:01:00.000Z' } },
  ],
  [
    'verifySubscription',
    {},
    {
      headers: { etag: '"8"' },
      body: {
        ...shown.subscription,
        updatedAt: isoNine,
        verification: { ...stored.checked.verification, at: isoNine },
        probe: { ...stored.checked.probe, at: isoNine },
      },
      calls: [
        ['subscriptions.get', 'acme', 'id-1'],
        ['checkEndpoint', subscription, sampleOf('visit.created')],
        ['subscriptions.get', 'acme', 'id-1'],
        ['subscriptions.replace', { ...subscription, ...changed, ...stored.checked }, 7],
        ['inForce', 'acme', 'sub_1', 8],
        ['health.get', 'sub_1'],
      ],
    },
    { kind: 'subscription', id: 'id-1', after: { verification: 'verified', accepted: false } },
  ],
  [
    'createSubscription',
    { body: { url: 'https://new.example/?key=1', eventTypes: ['visit.*'] } },
    {
      status: 201,
      headers: { etag: '"1"', location: '/v1/tenants/acme/subscriptions/sub_new' },
      body: {
        id: 'sub_new',
        ...newSettings,
        status: 'active',
        circuit: 'closed',
        createdAt: isoNine,
        updatedAt: isoNine,
        secret: 'whsec_x',
      },
      calls: [
        ['checkUrl', 'https://new.example/?key=1'],
        ['subscriptions.count', 'acme'],
        ['seal', 'whsec_x'],
        ['mark', 'acme'],
        [
          'subscriptions.insert',
          {
            ...newSettings,
            id: 'sub_new',
            tenant: 'acme',
            status: 'active',
            sealedSecret: 'sealed whsec_x',
            version: 1,
            createdSequence: 41,
            createdAt: nine,
            updatedAt: nine,
          },
        ],
        ['subscriptions.list', 'acme', { limit: 50 }],
        ['inForce', 'acme', 'sub_new', 1],
      ],
    },
    { kind: 'subscription', id: '', ended: 'sub_new', after: { ...newSettings, url: 'https://new.example/?***' } },
  ],
  [
    'changeSubscription',
    { body: { maxInFlight: 9 } },
    {
      headers: { etag: '"8"' },
      body: { ...shown.subscription, maxInFlight: 9, updatedAt: isoNine },
      calls: [
        ['subscriptions.get', 'acme', 'id-1'],
        ['open', subscription.sealedExtras],
        ['seal', subscription.sealedExtras],
        [
          'subscriptions.replace',
          { ...subscription, ...changed, maxInFlight: 9, sealedExtras: `sealed ${subscription.sealedExtras ?? ''}` },
          7,
        ],
        ['inForce', 'acme', 'sub_1', 8],
        ['health.get', 'sub_1'],
      ],
    },
    { kind: 'subscription', id: 'id-1', before: { maxInFlight: 64 }, after: { maxInFlight: 9 } },
  ],
  [
    'deleteSubscription',
    {},
    {
      status: 204,
      calls: [
        ['subscriptions.get', 'acme', 'id-1'],
        ['subscriptions.remove', 'acme', 'sub_1', undefined],
        ['inForce', 'acme', 'sub_1', null],
      ],
    },
    { kind: 'subscription', id: 'id-1', before: shown.audited },
  ],
  [
    'deleteSubscription',
    { headers: { 'if-match': '"7"' } },
    {
      status: 204,
      calls: [
        ['subscriptions.get', 'acme', 'id-1'],
        ['subscriptions.remove', 'acme', 'sub_1', 7],
        ['inForce', 'acme', 'sub_1', null],
      ],
    },
    { kind: 'subscription', id: 'id-1', before: shown.audited },
  ],
  [
    'resendDelivery',
    {},
    {
      status: 202,
      body: { ...shown.delivery, reason: 'resent' },
      calls: [
        ['deliveries.get', 'acme', 'id-1'],
        ['subscriptions.get', 'acme', 'sub_1'],
        ['bodyOf', delivery, 'full'],
        ['deliveries.resend', delivery, '{"a":1}', nine],
        ['wake', 'sub_1'],
      ],
    },
    { kind: 'delivery', id: 'id-1' },
  ],
  [
    'cancelDelivery',
    {},
    {
      status: 202,
      body: Object.fromEntries(
        Object.entries({ ...shown.delivery, status: 'cancelled', reason: 'cancelled' }).filter(
          ([name]) => name !== 'nextAttemptAt',
        ),
      ),
      calls: [
        ['deliveries.get', 'acme', 'id-1'],
        ['deliveries.cancel', delivery, nine],
        ['wake', 'sub_1'],
      ],
    },
    { kind: 'delivery', id: 'id-1', before: { status: 'pending' }, after: { status: 'cancelled' } },
  ],
  [
    'rotateKeys',
    { body: { force: true } },
    {
      body: { items: [shown.key], next: null },
      calls: [['signingKeys.keys'], ['signingKeys.rotate', true], ['signingKeys.keys'], ['signingKeys.keys']],
    },
    { kind: 'key', id: '', tenant: null },
  ],
  [
    'rotateKeys',
    {},
    {
      body: { items: [shown.key], next: null },
      calls: [['signingKeys.keys'], ['signingKeys.rotate', false], ['signingKeys.keys'], ['signingKeys.keys']],
    },
    { kind: 'key', id: '', tenant: null },
  ],
  [
    'putRetention',
    { body: { payloadDays: 5, logDays: 20 } },
    {
      body: { payloadDays: 5, logDays: 20, defaults: { payloadDays: 7, logDays: 30 } },
      calls: [
        ['retention.own', 'acme'],
        ['retention.put', 'acme', { payloadDays: 5, logDays: 20 }],
      ],
    },
    { kind: 'retention', id: '', before: { payloadDays: 3 }, after: { payloadDays: 5, logDays: 20 } },
  ],
  [
    'eraseVisitor',
    {},
    {
      status: 202,
      headers: { location: '/v1/tenants/acme/erasures/era_new' },
      body: { ...shown.erasure, id: 'era_new' },
      calls: [
        ['erasures.begin', newErasure('era_new', 'acme', 'visitor-81', nine)],
        ['wake', 'era_new'],
      ],
    },
    // The visitor's id is personal.
    { kind: 'visitor', id: '', ended: 'era_new' },
  ],
  [
    'startReplay',
    { body: replayBody },
    {
      status: 202,
      headers: { location: '/v1/tenants/acme/replays/rpl_new' },
      body: {
        id: 'rpl_new',
        subscriptionId: 'sub_1',
        from: '2026-03-01T00:00:00.000Z',
        to: isoNine,
        status: 'dead',
        perSecond: 3,
        state: 'running',
        total: 8,
        opened: 0,
        skipped: 0,
        createdAt: isoNine,
      },
      calls: [
        ['subscriptions.get', 'acme', 'sub_1'],
        ['countReplay', newReplay],
        ['replays.insert', { ...newReplay, total: 8 }],
        ['wake', 'rpl_new'],
      ],
    },
    { kind: 'replay', id: '', ended: 'rpl_new', after: { ...replayBody, total: 8 } },
  ],
  [
    'startReplay',
    { body: { ...replayBody, dryRun: true } },
    {
      body: { count: 8 },
      calls: [
        ['subscriptions.get', 'acme', 'sub_1'],
        ['countReplay', newReplay],
      ],
    },
    { kind: 'replay', id: '' },
  ],
  [
    'cancelReplay',
    {},
    {
      status: 204,
      calls: [
        ['replays.get', 'acme', 'id-1'],
        ['replays.cancel', 'acme', 'rpl_1', nine],
      ],
    },
    { kind: 'replay', id: 'id-1', after: { state: 'cancelled' } },
  ],
  [
    'putTenant',
    { body: { name: 'Acme Ltd' } },
    {
      body: { id: 'acme', name: 'Acme Ltd' },
      calls: [
        ['tenants.get', 'acme'],
        ['tenants.put', 'acme', 'Acme Ltd', nine],
      ],
    },
    { kind: 'tenant', id: 'acme', before: { name: 'Acme' }, after: { name: 'Acme Ltd' } },
  ],
  [
    'revokeToken',
    {},
    {
      status: 204,
      calls: [
        ['tokens.revoke', 'acme', 'id-1', nine],
        ['wake', 'tok_1'],
      ],
    },
    { kind: 'token', id: 'id-1', before: { description: 'wallboard', scopes: stored.token.scopes } },
  ],
]

/** Calls whose answers hold chance have tests of their own. */
const elsewhere = ['createToken']

test('each call that changes something does it after its audit entry is begun, answers with the result, and completes the entry with what changed', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  // From now on the guard knows the tenant, and does not look it up.
  await call('getRetention')
  for (const [
    id,
    request,
    answer,
    { kind, id: named, ended = named, tenant = 'acme', before = {}, after = {} },
  ] of table) {
    const begun = {
      id: 'aud_new',
      tenant,
      at: nine,
      actor: { kind: 'operator', id: 'operator' },
      action: id,
      resource: { kind, id: named },
      outcome: 'begun',
      traceId,
    }
    const done = { ...begun, resource: { kind, id: ended }, outcome: 'done', before, after }
    const calls: RecordedCall[] = [['audit.begin', begun], ...(answer.calls ?? []), ['audit.end', done]]
    const found = await call(id, request)
    t.deepEqual(found, { status: 200, body: undefined, ...answer, calls }, id)
  }
  const changing = declaredOperations.filter(isAudited).map(({ id }) => id)
  t.deepEqual(
    changing.filter(id => !table.some(([each]) => each === id)),
    elsewhere,
  )
})

test('a call that changes something waits for each store: while one is away it is refused, and goes no further', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  await call('getRetention')
  for (const [id, request] of table)
    for (const [name, answer] of Object.entries(await answersWithout(call, id, request)))
      t.deepEqual(answer, [503, []], `${id} without ${name}`)
})
