import test from 'ava'
import { EMPTY, Subject } from 'rxjs'
import { eventTypes } from '../../config/event-types/index.ts'
import { currentTrace } from '../../observability/traced.ts'
import { fakeParts } from '../../test/support/fake-parts.ts'
import { Failure } from '../domain/failure.ts'
import { newSecret } from '../signing/standard-webhooks.ts'
import { apiDepsOf } from './api-deps.ts'
import { createDraining } from './draining.ts'
import type { ServiceSettings } from './settings.ts'

const identityProvider = {
  issuer: 'https://idp.test',
  jwksUrl: 'https://idp.test/keys',
  audience: 'doorbell',
  tenantClaim: 'tenant',
  roleClaim: 'role',
  operatorRole: null,
}
const settings = {
  role: 'worker',
  requestsPerMinute: 11,
  eventsPerMinute: 12,
  eventsPerVisit: 13,
  corsOrigins: ['https://page.test'],
  jaegerUrl: 'http://jaeger.test',
  payloadRetentionDays: 3,
  logRetentionDays: 9,
  partitions: 8,
} as const

const depsOf = (answers: Readonly<Record<string, unknown>> = {}, change: Partial<ServiceSettings> = {}) => {
  const wakes$ = new Subject<string>()
  const draining = createDraining()
  const fake = fakeParts({ 'streams.wakes$': wakes$, ...answers }, { ...settings, ...change })
  return { ...fake, wakes$, draining, deps: apiDepsOf(fake.ports, 'https://doorbell.test', draining) }
}

test('each dependency of the API is the store, or the value, that it is named for', t => {
  const { deps, pathOf, draining } = depsOf()
  const ports = Object.entries(deps).flatMap(([name, value]) => {
    const path = pathOf(value)
    return path === undefined ? [] : [[name, path]]
  })
  t.deepEqual(Object.fromEntries(ports), {
    jwks: 'keyRing.jwks',
    signingKeys: 'keyRing',
    idempotency: 'ledger.idempotency',
    audit: 'ledger.audit',
    log: 'log',
    readPosted: 'reader.posted',
    accept: 'accept',
    readEvent: 'readEvent',
    readFeed: 'readFeed',
    unmatched: 'ledger.unmatched',
    tenants: 'ledger.tenants',
    tokens: 'ledger.tokens',
    wake: 'streams.wake',
    subscriptions: 'ledger.subscriptions',
    health: 'ledger.health',
    seal: 'sealer.seal',
    open: 'sealer.open',
    checkEndpoint: 'checkEndpoint',
    sendTest: 'sendTest',
    deliveries: 'ledger.deliveries',
    activity: 'ledger.activity',
    liveRows: 'ledger.live.rows$',
    bodyOf: 'bodyOf',
    replays: 'ledger.replays',
    erasures: 'ledger.erasures',
  })
  const {
    role,
    publicUrl,
    adminToken,
    identify,
    requestsPerMinute,
    eventsPerMinute,
    eventsPerVisit,
    corsOrigins,
    jaegerUrl,
  } = deps
  t.deepEqual(
    {
      role,
      publicUrl,
      adminToken,
      identify,
      requestsPerMinute,
      eventsPerMinute,
      eventsPerVisit,
      corsOrigins,
      jaegerUrl,
    },
    {
      role: 'worker',
      publicUrl: 'https://doorbell.test',
      adminToken: 'operator-token-of-the-tests',
      identify: null,
      requestsPerMinute: 11,
      eventsPerMinute: 12,
      eventsPerVisit: 13,
      corsOrigins: ['https://page.test'],
      jaegerUrl: 'http://jaeger.test',
    },
  )
  t.deepEqual(deps.retention.defaults, { payloadDays: 3, logDays: 9 })
  t.true(deps.eventTypes === eventTypes && deps.trace === currentTrace && deps.newSecret === newSecret)
  t.is(deps.stopping$, draining.begins$)
  t.true(Math.abs(deps.now() - Date.now()) < 1_000)
  t.is(typeof depsOf({}, { identityProvider }).deps.identify, 'function')
})

test('readiness asks NATS and MongoDB, each for itself, says what is broken there, and when the process is stopping', async t => {
  const refused = (name: string) => () => Promise.reject(new Failure('internal', `${name} is away`))
  const sealed = { object: 'stream VISITS', difference: 'is sealed', promise: 'None.', remedy: 'Restore it.' }
  const { deps, draining } = depsOf({
    'streams.ping': refused('nats'),
    'ledger.ping': refused('mongodb'),
    'reconciler.broken': () => [sealed],
  })
  t.deepEqual(await deps.checks(), {
    nats: 'internal: nats is away',
    mongodb: 'internal: mongodb is away',
    process: 'ok',
    'stream VISITS': 'is sealed. None. Restore it.',
  })
  await draining.drain({ stopListening: async () => undefined, disconnect: () => undefined } as never, null)
  t.like(await deps.checks(), { process: 'is stopping' })
})

test('each answer is measured', async t => {
  const { deps, counts } = depsOf()
  const request = { method: 'GET', path: '/', status: 204, get: () => '', _matchedRoute: '/livez' }
  await deps.observe(request, async () => undefined)
  t.deepEqual(
    counts.map(([name, answered]) => [name, answered]),
    [['answered', { method: 'GET', route: '/livez', status: 204 }]],
  )
})

test('a visit that has too many events is counted and named in the log', t => {
  const { deps, counts, lines } = depsOf()
  deps.visitFlooded({ tenant: 'acme', visitId: 'visit-1' })
  t.deepEqual(counts, [['visitFlooded']])
  const remedy = 'find the receiver that publishes an event for each webhook of this visit'
  const fields = { tenant: 'acme', visitId: 'visit-1', limit: 13, remedy }
  t.deepEqual(lines, [['warn', fields, 'a visit has too many events']])
})

test('the signals of revoked tokens reach the API, and no other signal', t => {
  const { deps, wakes$ } = depsOf()
  const heard: string[] = []
  deps.revokedTokens$.subscribe(id => heard.push(id))
  for (const id of ['sub_1', 'tok_1', 'ret_acme']) wakes$.next(id)
  t.deepEqual(heard, ['tok_1'])
})

test('a url that is refused for a subscription is counted, and one that is allowed is not', async t => {
  const failure = new Failure('url_refused', 'private')
  const refused = depsOf({ 'egress.checkUrl': () => Promise.reject(failure) })
  await t.throwsAsync(refused.deps.checkUrl('http://10.0.0.1/'), { is: failure })
  t.deepEqual([refused.of('egress.checkUrl'), refused.counts], [[['http://10.0.0.1/']], [['urlRefused']]])
  const allowed = depsOf()
  await allowed.inOrder(() => allowed.deps.checkUrl('https://receiver.test/'))
  t.deepEqual(allowed.counts, [])
})

test('a replay is counted with what the worker would find', async t => {
  const { deps, of } = depsOf({ 'ledger.replays.count': async () => 5 })
  const replay = { id: 'rpl_1', selection: 'all' } as never
  t.is(await deps.countReplay(replay), 5)
  t.deepEqual(of('ledger.replays.count'), [[replay]])
})

test('a tenant’s own retention is stored before its worker is woken for it', async t => {
  const { deps, calls, inOrder } = depsOf({
    'ledger.retention.get': async (tenant: string) => (tenant === 'acme' ? { own: { payloadDays: 2 } } : null),
  })
  t.deepEqual(await deps.retention.own('acme'), { payloadDays: 2 })
  t.deepEqual(await deps.retention.own('nobody'), {})
  await inOrder(() => deps.retention.put('acme', { logDays: 4 }))
  t.deepEqual(calls.slice(2), [
    ['ledger.retention.put', 'acme', { logDays: 4 }],
    ['streams.wake', 'ret_acme'],
  ])
})

test('retention that could not be stored wakes nothing', async t => {
  const { deps, of } = depsOf({
    'ledger.retention.put': () => Promise.reject(new Error('away')),
    'ledger.live.rows$': EMPTY,
  })
  await t.throwsAsync(deps.retention.put('acme', {}))
  t.deepEqual(of('streams.wake'), [])
})
