import test from 'ava'
import { isoAgo, shownDocuments as shown } from '../../../test/support/shown-documents.ts'
import { minuteMs, nine, storedDocuments } from '../../../test/support/stored-documents.ts'
import { awaitsVerification } from '../../domain/endpoint-check.ts'
import { isFailure, type Fault } from '../../domain/failure.ts'
import type { Subscription } from '../../domain/subscription.ts'
import { settingDefaults } from '../../domain/subscription-settings.ts'
import { compileDifference } from '../operation/audit-difference.ts'
import { auditedSettings } from './audited-settings.ts'
import { createSettingsCheck, refuseStatus } from './check-settings.ts'
import { openExtras, sealExtras } from './extras.ts'
import { keptOf, stateBeforeVerification, storedSettings } from './stored-settings.ts'
import { settingsOf, showBacklog, showSubscription } from './wire.ts'

const { subscription, health } = storedDocuments
const good = { url: 'https://receiver.example/hook', eventTypes: ['visit.*'] }
const check = createSettingsCheck(['visit.created', 'visit.checked_in'])

const faultsOf = (value: unknown, run: (value: unknown) => unknown = check): readonly Fault[] => {
  try {
    run(value)
    return []
  } catch (error) {
    return isFailure(error, 'invalid_request') ? error.faults : [{ pointer: 'thrown', detail: String(error) }]
  }
}

test('settings that are valid are taken as they are', t => {
  const settings = { ...good, headers: { 'X-A': 'b' }, auth: { type: 'bearer', token: 't' } }
  t.is<unknown, unknown>(check(settings), settings)
})

test('an event type that matches nothing is pointed to, with the types that there are', t => {
  const detail = '"badge.*" matches no event type: visit.created, visit.checked_in'
  t.deepEqual(faultsOf({ ...good, eventTypes: ['visit.created', 'badge.*', '*'] }), [
    { pointer: '/eventTypes/1', detail },
  ])
})

test('a header that Doorbell or HTTP itself sets cannot be set, in any case', t => {
  const reserved =
    'host connection keep-alive proxy-authorization proxy- te accept-encoding trailer transfer-encoding upgrade expect content-type content-length webhook-id webhook-own user-agent traceparent tracestate baggage'
  const detail = 'is a header that Doorbell or HTTP itself sets: remove it'
  for (const name of reserved.split(' '))
    for (const header of [name, name.toUpperCase()])
      t.deepEqual(faultsOf({ ...good, headers: { [header]: 'x' } }), [{ pointer: `/headers/${header}`, detail }])
  for (const name of [
    'x-host',
    'hostname',
    'tea',
    'accept',
    'content',
    'x-content-type',
    'webhook',
    'my-user-agent',
    'a~b',
  ])
    t.deepEqual(faultsOf({ ...good, headers: { [name]: 'x' } }), [], name)
})

test('a header is set once, and authorization either as a header or as auth', t => {
  const twice = { pointer: '/headers/x-a', detail: 'is there twice: header names are not case-sensitive' }
  t.deepEqual(faultsOf({ ...good, headers: { 'X-A': '1', 'x-b': '2', 'x-a': '3' } }), [twice])
  const auth = { type: 'bearer', token: 't' }
  const same = { pointer: '/headers/authorization', detail: 'and auth set the same header: remove one of them' }
  t.deepEqual(faultsOf({ ...good, auth, headers: { Authorization: 'x' } }), [same])
  t.deepEqual(faultsOf({ ...good, headers: { Authorization: 'x' } }), [])
  t.deepEqual(faultsOf({ ...good, auth, headers: { 'x-a': 'x' } }), [])
})

test('all headers together have at most 6 KiB', t => {
  // Names have four characters each.
  const headersOf = (bytes: number) =>
    Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [`x-h${index}`, 'v'.repeat(index === 5 ? bytes - 24 - 5_000 : 1_000)]),
    )
  t.deepEqual(faultsOf({ ...good, headers: headersOf(6_024) }), [])
  const seven = (last: number) => ({ ...headersOf(6_024), 'x-h6': 'v'.repeat(last) })
  t.deepEqual(faultsOf({ ...good, headers: seven(6_144 - 6_024 - 4) }), [])
  const detail = 'have 6145 bytes; the limit is 6144 bytes'
  t.deepEqual(faultsOf({ ...good, headers: seven(6_145 - 6_024 - 4) }), [{ pointer: '/headers', detail }])
})

test('the status is changed by calls of its own', t => {
  const detail = 'is changed by POST …/pause and …/resume: remove it'
  t.deepEqual(faultsOf({ status: 'paused' }, refuseStatus), [{ pointer: '/status', detail }])
  for (const value of [null, [], 'status', 7, {}, Object.create({ status: 'paused' })])
    t.deepEqual(faultsOf(value, refuseStatus), [])
})

test('headers and auth are stored sealed, with lower-case names, and shown masked', async t => {
  const seal = async (text: string) => `sealed ${text}`
  t.deepEqual(await sealExtras({ seal }, {}), {})
  t.deepEqual(await sealExtras({ seal }, { headers: { 'X-Key': 'k' } }), {
    sealedExtras: 'sealed {"headers":{"x-key":"k"}}',
    shownExtras: { headers: { 'x-key': '***' } },
  })
  const auth = { type: 'basic', username: 'u', password: 'p' } as const
  t.deepEqual(await sealExtras({ seal }, { auth }), {
    sealedExtras: 'sealed {"auth":{"type":"basic","username":"u","password":"p"}}',
    shownExtras: { auth: { ...auth, password: '***' } },
  })
  const open = async (sealed: string) => sealed.slice(7)
  t.deepEqual(await openExtras({ open }, { ...subscription, sealedExtras: 'sealed {"auth":1}' }), { auth: 1 } as never)
  const { sealedExtras: _, ...without } = subscription
  t.deepEqual(await openExtras({ open }, without), {})
})

test('a subscription stores its settings with the defaults, and without what is sealed', t => {
  const settings = { ...good, maxInFlight: 3, headers: { a: 'b' }, auth: { type: 'bearer', token: 't' } } as const
  t.deepEqual(storedSettings(settings), { ...settingDefaults, ...good, maxInFlight: 3 })
})

test('a change keeps what is no setting; of a new endpoint nothing is known, and it may have to be verified first', t => {
  const { id, tenant, status, statusReason, statusSince, sealedSecret, previousSecret, version, createdAt, updatedAt } =
    subscription
  const kept = {
    id,
    tenant,
    status,
    statusReason,
    statusSince,
    sealedSecret,
    previousSecret,
    version,
    createdAt,
    updatedAt,
  }
  const { verification, probe, ...unverified } = subscription
  const same = { ...good, url: subscription.url }
  t.deepEqual<unknown, unknown>(keptOf(subscription, same, nine), { ...kept, verification, probe })
  t.deepEqual<unknown, unknown>(keptOf(unverified, same, nine), kept)
  t.deepEqual<unknown, unknown>(keptOf(subscription, good, nine), kept)
  t.deepEqual<unknown, unknown>(keptOf(subscription, { ...good, requireVerification: true }, nine), {
    ...kept,
    status: 'paused',
    statusReason: awaitsVerification,
    statusSince: nine,
    verification: { state: 'unverified', at: nine, detail: awaitsVerification },
  })
  t.deepEqual(stateBeforeVerification(nine).statusSince, nine)
})

test('an endpoint that was never verified is held as soon as that is required, unless it is held already', t => {
  const { verification: _, statusReason: __, statusSince: ___, ...rest } = subscription
  const before: Subscription = { ...rest, status: 'active', requireVerification: false }
  const same = { ...good, url: subscription.url }
  const required = { ...same, requireVerification: true }
  const failed = { state: 'failed', at: 1, detail: 'No answer.' } as const
  for (const unverified of [before, { ...before, verification: failed }])
    t.like(keptOf(unverified, required, nine), stateBeforeVerification(nine))
  t.like(keptOf(before, same, nine), { status: 'active', verification: undefined })
  const verified = { state: 'verified', at: 1, detail: '' } as const
  t.like(keptOf({ ...before, verification: verified }, required, nine), { status: 'active', verification: verified })
  // A later check that failed does not hold a subscription, and neither does a change of something else.
  t.like(keptOf({ ...before, requireVerification: true, verification: failed }, required, nine), { status: 'active' })
  for (const status of ['paused', 'disabled'] as const) {
    const held = { ...before, status, statusReason: 'A reason.', statusSince: 5 }
    t.like(keptOf(held, required, nine), { status, statusReason: 'A reason.', statusSince: 5 })
  }
})

test('an audit entry shows no query of a url, no value of a header and no credential', t => {
  const difference = compileDifference(auditedSettings)
  const shownOf = (url: unknown) => difference({}, { ...good, url }).after?.['url']
  t.is(shownOf('https://user:pass@a.example/b?key=k#top'), 'https://a.example/b?***')
  t.is(shownOf('https://a.example/b'), 'https://a.example/b')
  t.is(shownOf('no url'), '***')
  t.is(shownOf(7), '***')
  t.deepEqual(difference({}, settingsOf(subscription)).after, shown.audited)
})

test('a subscription without any state shows its settings only', t => {
  const {
    description: _,
    filter: __,
    ratePerSecond: ___,
    expiresAfterMs: ____,
    requireVerification: _____,
    ...rest
  } = subscription
  const {
    statusReason: _a,
    statusSince: _b,
    previousSecret: _c,
    shownExtras: _d,
    verification: _e,
    probe: _f,
    ...plain
  } = rest
  const shownPlain = {
    id: 'sub_1',
    url: subscription.url,
    eventTypes: ['visit.*'],
    ...settingDefaults,
    status: 'active',
    circuit: 'closed',
    createdAt: isoAgo(700),
    updatedAt: isoAgo(27),
  }
  const withoutUndefined = (value: object) => JSON.parse(JSON.stringify(value)) as object
  t.deepEqual(withoutUndefined(showSubscription({ ...plain, status: 'active' }, null)), shownPlain)
})

test('the circuit shows since when and why it is not closed, and when it is tried', t => {
  const circuitOf = (change: Partial<typeof health.circuit>, failingSince: number | null = null) => {
    const {
      circuit,
      circuitSince,
      circuitReason,
      nextProbeAt,
      failingSince: failing,
    } = showSubscription(subscription, {
      ...health,
      failingSince,
      circuit: { ...health.circuit, ...change },
    })
    return [circuit, circuitSince, circuitReason, nextProbeAt, failing]
  }
  t.deepEqual(circuitOf({ phase: 'closed', until: null, reason: null }), [
    'closed',
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  t.deepEqual(circuitOf({ phase: 'half-open', since: nine, until: nine + minuteMs }, nine), [
    'half-open',
    isoAgo(0),
    'It fails.',
    isoAgo(-1),
    isoAgo(0),
  ])
  t.deepEqual(showBacklog(), { pending: 0, held: 0, oldestPendingAt: null })
})
