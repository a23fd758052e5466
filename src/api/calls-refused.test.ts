import test from 'ava'
import { eventTypes } from '../../config/event-types/index.ts'
import { declaredOperations } from '../../test/support/declared-operations.ts'
import { serveApi } from '../../test/support/serve-api.ts'
import { nine, storedDocuments as stored } from '../../test/support/stored-documents.ts'
import { fakeStores } from '../../test/support/fake-stores.ts'
import { type Request, wholeCalls } from '../../test/support/whole-calls.ts'
import { awaitsVerification } from '../domain/endpoint-check.ts'
import { Failure, type FailureCode, type Fault } from '../domain/failure.ts'
import type { ApiDeps } from './deps.ts'
import { problemKinds } from './http/problem-kinds.ts'

const traceId = `${'0'.repeat(31)}1`
const none = async () => null
const stores = fakeStores()
const { subscriptions, deliveries, replays, tokens, erasures, signingKeys } = stores
const noSubscription = { subscriptions: { ...subscriptions, get: none } }
const noDelivery = { deliveries: { ...deliveries, get: none } }
const noReplay = { replays: { ...replays, get: none } }
const withSubscription = (change: object): Partial<ApiDeps> => ({
  subscriptions: { ...subscriptions, get: async () => ({ ...stored.subscription, ...change }) },
})
const withRow = (change: object): Partial<ApiDeps> => ({
  deliveries: { ...deliveries, get: async () => ({ ...stored.delivery, ...change }) },
})
const throws = (code: FailureCode) => () => Promise.reject(new Failure(code, 'It is so.'))
const settings = { url: 'https://new.example/', eventTypes: ['visit.*'] }
const range = { subscriptionId: 'sub_9', from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' }
const event = { type: 'visit.checked_in', visitId: 'v', data: {} }
const known = eventTypes.map(({ type }) => type).join(', ')
const publishable = known.replace(/, webhook.*/, '')
const checkIn = { ...event, data: eventTypes.find(({ type }) => type === event.type)?.sample }
const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) })
const withToken = {
  tokens: { ...tokens, byHash: async () => ({ ...stored.token, scopes: ['tokens:write'] as const }) },
}
const missing = 'There is no subscription "id-1".'
const changedRow = 'The delivery changed during this request. Read it again.'
const changedSince = 'The subscription has changed since you read it. Read it again and repeat your change.'

interface Refusal {
  readonly deps?: Partial<ApiDeps>
  readonly request?: Request
  readonly detail: string
  readonly errors?: readonly Fault[]
  /** What was done before the call was refused. Default: nothing. */
  readonly done?: readonly string[]
}

type Row = readonly [id: string, code: FailureCode, refusal: Refusal]

/** Calls that change a subscription: the change is stored, and then its place among the events. */
const ordered = (['streams_unavailable', 'stream_full'] as const).flatMap((code): Row[] => [
  ['createSubscription', code, { request: { body: settings }, deps: { mark: throws(code) }, detail: 'It is so.' }],
  ...[
    'changeSubscription',
    'deleteSubscription',
    'pauseSubscription',
    'resumeSubscription',
    'rotateSecret',
    'verifySubscription',
  ].map((id): Row => [
    id,
    code,
    { request: { body: {} }, deps: { inForce: throws(code) }, detail: 'It is so.', done: ['inForce'] },
  ]),
])

/** How each call comes to be refused, beside what every call has in common. */
const table: readonly Row[] = [
  ...ordered,
  [
    'postEvent',
    'unknown_event_type',
    {
      request: { body: { ...event, type: 'visit.lost' } },
      detail: 'There is no event type "visit.lost".',
      errors: [{ pointer: '/type', detail: `must be one of: ${publishable}` }],
    },
  ],
  [
    'postEvent',
    'streams_unavailable',
    { deps: { accept: throws('streams_unavailable') }, request: { body: checkIn }, detail: 'It is so.' },
  ],
  [
    'postEvent',
    'stream_full',
    { deps: { accept: throws('stream_full') }, request: { body: checkIn }, detail: 'It is so.' },
  ],
  [
    'postEvent',
    'promise_broken',
    { deps: { accept: throws('promise_broken') }, request: { body: checkIn }, detail: 'It is so.' },
  ],
  [
    'listEvents',
    'unknown_event_type',
    { request: { query: '?type=visit.lost' }, detail: 'There is no event type "visit.lost".' },
  ],
  [
    'listDeliveries',
    'search_too_wide',
    { deps: { deliveries: { ...deliveries, list: throws('search_too_wide') } }, detail: 'It is so.' },
  ],
  ['listEvents', 'streams_unavailable', { deps: { readFeed: throws('streams_unavailable') }, detail: 'It is so.' }],
  [
    'getEvent',
    'not_found',
    {
      deps: { deliveries: { ...deliveries, list: async () => [] }, unmatched: { get: none } },
      detail:
        'There is no event "id-1": it was not accepted, is older than the log, was removed from the event store by hand, or waits behind more than 10,000 others.',
    },
  ],
  ['getEvent', 'streams_unavailable', { deps: { readEvent: throws('streams_unavailable') }, detail: 'It is so.' }],
  [
    'createSubscription',
    'url_refused',
    { deps: { checkUrl: throws('url_refused') }, request: { body: settings }, detail: 'It is so.' },
  ],
  [
    'createSubscription',
    'limit_reached',
    {
      deps: { subscriptions: { ...subscriptions, count: async () => 50 } },
      request: { body: settings },
      detail: 'A tenant has at most 50 subscriptions. Delete one first.',
    },
  ],
  ['getSubscription', 'not_found', { deps: noSubscription, detail: missing }],
  ['changeSubscription', 'not_found', { deps: noSubscription, request: { body: {} }, detail: missing }],
  [
    'changeSubscription',
    'url_refused',
    { deps: { checkUrl: throws('url_refused') }, request: { body: { url: settings.url } }, detail: 'It is so.' },
  ],
  [
    'changeSubscription',
    'precondition_failed',
    { request: { body: {}, headers: { 'if-match': '"6"' } }, detail: changedSince },
  ],
  ['deleteSubscription', 'not_found', { deps: noSubscription, detail: missing }],
  ['deleteSubscription', 'precondition_failed', { request: { headers: { 'if-match': '"6"' } }, detail: changedSince }],
  [
    'deleteSubscription',
    'precondition_failed',
    { deps: { subscriptions: { ...subscriptions, remove: async () => false } }, detail: changedSince },
  ],
  ['pauseSubscription', 'not_found', { deps: noSubscription, detail: missing }],
  [
    'pauseSubscription',
    'conflict',
    {
      deps: withSubscription({ status: 'disabled' }),
      detail: 'The subscription is already disabled; its events are held.',
    },
  ],
  ['resumeSubscription', 'not_found', { deps: noSubscription, detail: missing }],
  [
    'resumeSubscription',
    'conflict',
    {
      deps: withSubscription({ verification: undefined }),
      request: { body: { catchUp: false } },
      detail: awaitsVerification,
    },
  ],
  [
    'resumeSubscription',
    'conflict',
    { deps: withSubscription({ verification: { state: 'failed', at: 1, detail: '' } }), detail: awaitsVerification },
  ],
  ['testSubscription', 'not_found', { deps: noSubscription, detail: missing }],
  [
    'testSubscription',
    'unknown_event_type',
    {
      request: { body: { type: 'visit.lost' } },
      detail: 'There is no event type "visit.lost".',
      errors: [{ pointer: '/type', detail: `must be one of: ${known}` }],
    },
  ],
  ['rotateSecret', 'not_found', { deps: noSubscription, detail: missing }],
  ['verifySubscription', 'not_found', { deps: noSubscription, detail: missing }],
  [
    'verifySubscription',
    'unknown_event_type',
    {
      deps: withSubscription({ eventTypes: ['gone.*'] }),
      detail: 'There is no event type "".',
      errors: [{ pointer: '/type', detail: `must be one of: ${known}` }],
    },
  ],
  ['getDelivery', 'not_found', { deps: noDelivery, detail: 'There is no such delivery in the log.' }],
  ['resendDelivery', 'not_found', { deps: noDelivery, detail: 'There is no such delivery in the log.' }],
  ['resendDelivery', 'conflict', { deps: noSubscription, detail: 'Its subscription was deleted.' }],
  [
    'resendDelivery',
    'conflict',
    {
      deps: withRow({ status: 'held', nextAttemptAt: null }),
      detail: 'It waits for an earlier event of its visit. Send or cancel that event first.',
    },
  ],
  [
    'resendDelivery',
    'conflict',
    { deps: { bodyOf: none }, detail: 'The event’s content is no longer kept: it cannot be sent again.' },
  ],
  ['resendDelivery', 'conflict', { deps: { deliveries: { ...deliveries, resend: none } }, detail: changedRow }],
  ['resendDelivery', 'streams_unavailable', { deps: { bodyOf: throws('streams_unavailable') }, detail: 'It is so.' }],
  ['cancelDelivery', 'not_found', { deps: noDelivery, detail: 'There is no such delivery in the log.' }],
  [
    'cancelDelivery',
    'conflict',
    { deps: withRow({ status: 'dead' }), detail: 'The delivery is dead: there is nothing to cancel.' },
  ],
  ['cancelDelivery', 'conflict', { deps: { deliveries: { ...deliveries, cancel: none } }, detail: changedRow }],
  [
    'startReplay',
    'not_found',
    { deps: noSubscription, request: { body: range }, detail: 'There is no subscription "sub_9".' },
  ],
  [
    'startReplay',
    'streams_unavailable',
    { deps: { countReplay: throws('streams_unavailable') }, request: { body: range }, detail: 'It is so.' },
  ],
  ['getReplay', 'not_found', { deps: noReplay, detail: 'There is no such replay.' }],
  ['cancelReplay', 'not_found', { deps: noReplay, detail: 'There is no such replay.' }],
  [
    'cancelReplay',
    'conflict',
    {
      deps: { replays: { ...replays, cancel: async () => false } },
      detail: 'The replay has ended: there is nothing to cancel.',
    },
  ],
  ['getErasure', 'not_found', { deps: { erasures: { ...erasures, get: none } }, detail: 'There is no such erasure.' }],
  ['revokeToken', 'not_found', { deps: { tokens: { ...tokens, revoke: none } }, detail: 'There is no such token.' }],
  [
    'rotateKeys',
    'conflict',
    { deps: { signingKeys: { ...signingKeys, rotate: throws('conflict') } }, detail: 'It is so.' },
  ],
  [
    'getProblemPage',
    'not_found',
    { request: { params: { code: 'toString' } }, detail: 'There is no problem with this code.' },
  ],
  // These are invalid requests that a schema cannot refuse.
  [
    'createToken',
    'forbidden',
    {
      deps: withToken,
      request: { body: { scopes: ['deliveries:read'] }, headers: { authorization: 'Bearer dbt_1' } },
      detail: 'You cannot give the scope deliveries:read, which you do not have.',
    },
  ],
  [
    'createToken',
    'invalid_request',
    {
      request: { body: { scopes: ['events:write'], expiresAt: new Date(nine).toISOString() } },
      detail: 'expiresAt lies in the past.',
      errors: [{ pointer: '/expiresAt', detail: 'must lie in the future' }],
    },
  ],
  [
    'startReplay',
    'invalid_request',
    {
      request: { body: { ...range, to: range.from } },
      detail: '/to must be later than /from.',
      errors: [{ pointer: '/to', detail: 'must be later than /from' }],
    },
  ],
  [
    'putRetention',
    'invalid_request',
    {
      request: { body: { logDays: 6 } },
      detail: '/logDays must be at least 7, as the payload is kept that long.',
      errors: [{ pointer: '/logDays', detail: 'must be at least 7, as the payload is kept that long' }],
    },
  ],
  [
    'putRetention',
    'invalid_request',
    {
      request: { body: { payloadDays: 9, logDays: 8 } },
      detail: '/logDays must be at least 9, as the payload is kept that long.',
      errors: [{ pointer: '/logDays', detail: 'must be at least 9, as the payload is kept that long' }],
    },
  ],
  [
    'eraseVisitor',
    'invalid_request',
    { request: { params: { visitorId: 'v'.repeat(201) } }, detail: 'A visitor’s id has at most 200 characters.' },
  ],
  [
    'putTenant',
    'invalid_request',
    {
      request: { params: { tenant: 'No_Body' }, body: { name: 'n' } },
      detail: 'A tenant id must match ^[a-z0-9-]{1,40}$.',
    },
  ],
  [
    'changeSubscription',
    'invalid_request',
    { request: { body: nested(9) }, detail: 'The patch is nested more than 8 levels deep.' },
  ],
  [
    'changeSubscription',
    'invalid_request',
    {
      request: { body: { headers: { 'x-new': '***' } } },
      detail: '/headers/x-new is masked, and there is no such header to keep.',
    },
  ],
]

test('each problem that a call declares is met, with what is wrong in its detail, and nothing is changed', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  for (const [id, code, { deps, request, detail, errors, done = [] }] of table) {
    const { status, body, calls } = await call(id, request, deps)
    const { status: expected, title } = problemKinds[code]
    const type = `https://doorbell.test/problems/${code}`
    const where = `${id}: ${detail}`
    t.is(status, expected, where)
    t.deepEqual(body, { type, title, status: expected, code, detail, traceId, ...(errors && { errors }) }, where)
    const made = calls.map(([name]) => name).filter(name => /(insert|put|wake|skipHeld|inForce|sendTest)$/.test(name))
    const isAudited = calls.some(([name]) => name === 'audit.begin')
    const ended = expected < 500 ? 'audit.forget' : 'audit.end'
    t.deepEqual(made, done, where)
    if (isAudited) t.is(calls.at(-1)?.[0], ended, where)
  }
})

test('no problem is declared that is not met, and none is met that the description of its call does not name', t => {
  const met = new Set(table.map(([id, code]) => `${id} ${code}`))
  const declared = declaredOperations.flatMap(({ id, problems = [] }) => problems.map(code => `${id} ${code}`))
  t.deepEqual(
    declared.filter(pair => !met.has(pair)),
    [],
  )
  const common = ['invalid_request', 'forbidden']
  t.deepEqual(
    [...met].filter(pair => !declared.includes(pair) && !common.includes(pair.split(' ')[1] ?? '')),
    [],
  )
})
