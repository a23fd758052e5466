import test from 'ava'
import { serveApi } from '../../../test/support/serve-api.ts'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { isoAgo, shownDocuments as shown } from '../../../test/support/shown-documents.ts'
import { minuteMs, nine, storedDocuments } from '../../../test/support/stored-documents.ts'
import { wholeCalls } from '../../../test/support/whole-calls.ts'
import { awaitsVerification } from '../../domain/endpoint-check.ts'
import type { Subscription } from '../../domain/subscription.ts'
import type { ApiDeps } from '../deps.ts'

const { subscription, checked } = storedDocuments
const stores = fakeStores()
const stored = (change: Partial<Subscription>): Partial<ApiDeps> => ({
  subscriptions: { ...stores.subscriptions, get: async () => ({ ...subscription, ...change }) },
})
type Found = Awaited<ReturnType<Awaited<ReturnType<typeof wholeCalls>>>>
const replacedBy = ({ calls }: Found) =>
  calls.find(([name]) => name === 'subscriptions.replace')?.[1] as Subscription | undefined
const names = ({ calls }: Found) => calls.map(([name]) => name).filter(name => !/^(audit|tenants|open|seal)/.test(name))

test('pausing says who did it and since when', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const found = await call('pauseSubscription', {}, stored({ status: 'active', statusReason: undefined as never }))
  t.like(replacedBy(found), {
    status: 'paused',
    statusReason: 'Paused by a user.',
    statusSince: nine,
    version: 8,
    updatedAt: nine,
  })
  t.deepEqual(found.calls.at(-1)?.[1], {
    ...(found.calls.at(-1)?.[1] as object),
    before: { status: 'active' },
    after: { status: 'paused' },
  })
})

test('a change is made on the newest version: when another call was faster, it is made again on what that call left', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const versions = [subscription, { ...subscription, version: 8, maxInFlight: 9 }]
  let tries = 0
  const found = await call(
    'rotateSecret',
    {},
    {
      subscriptions: {
        ...stores.subscriptions,
        get: async () => versions[Math.min(tries, 1)] ?? null,
        replace: async () => (tries += 1) === 2,
      },
    },
  )
  const made = found.calls.filter(([name]) => name === 'subscriptions.replace')
  t.deepEqual(
    made.map(([, after, expected]) => [(after as Subscription).version, (after as Subscription).maxInFlight, expected]),
    [
      [8, 64, 7],
      [9, 9, 8],
    ],
  )
  t.deepEqual(
    found.calls.find(([name]) => name === 'inForce'),
    ['inForce', 'acme', 'sub_1', 9],
  )
})

test('without a time the previous secret signs for another day', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const found = await call('rotateSecret')
  t.deepEqual(found.body, { secret: 'whsec_x', previousValidUntil: new Date(nine + 24 * 60 * minuteMs).toISOString() })
})

test('a disabled subscription is resumed with a fresh health, an active one is not changed, and one that needs no verification is resumed without', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const disabled = await call('resumeSubscription', {}, stored({ status: 'disabled' }))
  t.like(replacedBy(disabled), { status: 'active' })
  t.deepEqual(names(disabled), [
    'subscriptions.get',
    'subscriptions.get',
    'subscriptions.replace',
    'health.forget',
    'inForce',
    'wake',
    'deliveries.backlogs',
    'health.get',
  ])
  t.deepEqual(
    disabled.calls.find(([name]) => name === 'health.forget'),
    ['health.forget', 'sub_1'],
  )
  const paused = await call('resumeSubscription')
  t.false(names(paused).includes('health.forget'))
  const active = await call('resumeSubscription', {}, stored({ status: 'active' }))
  t.is(replacedBy(active), undefined)
  t.deepEqual(
    active.calls.find(([name]) => name === 'inForce'),
    ['inForce', 'acme', 'sub_1', 7],
  )
  const free = await call(
    'resumeSubscription',
    {},
    stored({ requireVerification: false, verification: { state: 'failed', at: 1, detail: '' } }),
  )
  t.is(free.status, 200)
  const empty = await call(
    'resumeSubscription',
    {},
    { deliveries: { ...stores.deliveries, backlogs: async () => new Map() } },
  )
  t.like(empty.body, { pending: 0, held: 0, skipped: 0 })
})

test('a new subscription that must be verified waits, and its headers and auth are sealed', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const body = {
    url: 'https://new.example/',
    eventTypes: ['*'],
    requireVerification: true,
    headers: { 'X-A': 'b' },
    auth: { type: 'bearer', token: 't' },
  }
  const found = await call('createSubscription', { body })
  const inserted = found.calls.find(([name]) => name === 'subscriptions.insert')?.[1]
  t.like(inserted, {
    status: 'paused',
    statusReason: awaitsVerification,
    statusSince: nine,
    verification: { state: 'unverified', at: nine, detail: awaitsVerification },
    sealedExtras: 'sealed {"headers":{"x-a":"b"},"auth":{"type":"bearer","token":"t"}}',
    shownExtras: { headers: { 'x-a': '***' }, auth: { type: 'bearer', token: '***' } },
  })
  t.false(JSON.stringify(found.body).includes('"b"'))
  t.like(found.body, { status: 'paused', headers: { 'x-a': '***' } })
})

test('resuming a subscription that is active cancels nothing, whatever waits for it', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const resumed = await call('resumeSubscription', { body: { catchUp: false } }, stored({ status: 'active' }))
  t.like(resumed, { status: 200, body: { status: 'active', skipped: 0 } })
  t.false(names(resumed).includes('deliveries.skipHeld'))
})

test('a tenant has at most 50 subscriptions', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const create = async (count: number) =>
    (
      await call(
        'createSubscription',
        { body: { url: 'https://new.example/', eventTypes: ['*'] } },
        { subscriptions: { ...stores.subscriptions, count: async () => count } },
      )
    ).status
  t.deepEqual([await create(49), await create(50), await create(51)], [201, 409, 409])
})

test('a new url is checked, and the health of the old endpoint is forgotten; the same url is neither', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const moved = await call('changeSubscription', { body: { url: 'https://moved.example/' } })
  t.deepEqual(names(moved), [
    'subscriptions.get',
    'checkUrl',
    'subscriptions.replace',
    'health.forget',
    'inForce',
    'subscriptions.list',
    'health.get',
  ])
  t.deepEqual(
    moved.calls.find(([name]) => name === 'checkUrl'),
    ['checkUrl', 'https://moved.example/'],
  )
  t.deepEqual(
    moved.calls.find(([name]) => name === 'health.forget'),
    ['health.forget', 'sub_1'],
  )
  t.like(replacedBy(moved), { status: 'paused', statusReason: awaitsVerification, statusSince: nine, probe: undefined })
  const same = await call('changeSubscription', { body: { url: subscription.url, description: null } })
  t.deepEqual(names(same), [
    'subscriptions.get',
    'subscriptions.replace',
    'inForce',
    'subscriptions.list',
    'health.get',
  ])
  t.false('description' in (replacedBy(same) ?? {}))
})

test('headers and auth that are removed are sealed no longer, and a mask keeps what is stored', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const removed = replacedBy(await call('changeSubscription', { body: { headers: null, auth: null } })) ?? {}
  t.false('sealedExtras' in removed || 'shownExtras' in removed)
  const kept = await call('changeSubscription', { body: { headers: { 'X-A': '***', 'x-b': 'n' }, auth: null } })
  t.is(replacedBy(kept)?.sealedExtras, 'sealed {"headers":{"x-a":"a-4711","x-b":"n"}}')
})

test('If-Match with the version, with several, or with * lets a change through', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const statusOf = async (id: string, match: string) =>
    (await call(id, { body: id === 'changeSubscription' ? {} : undefined, headers: { 'if-match': match } })).status
  for (const match of ['"7"', '*', '"6", "7"', '"7","8"', '"6" , "7"'])
    t.is(await statusOf('changeSubscription', match), 200, match)
  for (const match of ['"6"', '7', '"77"', '"6", "8"']) t.is(await statusOf('changeSubscription', match), 412, match)
  t.deepEqual([await statusOf('deleteSubscription', '*'), await statusOf('deleteSubscription', '"8"')], [204, 412])
})

test('a patch may be nested as deep as settings are', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) })
  const detailOf = async (body: unknown) =>
    ((await call('changeSubscription', { body })).body as { detail: string }).detail
  t.is(await detailOf(nested(8)), '/a is not a known field: remove it, or correct its name.')
  t.is(await detailOf(nested(9)), 'The patch is nested more than 8 levels deep.')
  t.is(await detailOf({ status: 'active' }), '/status is changed by POST …/pause and …/resume: remove it.')
  t.is(await detailOf([]), 'The body must be object.')
})

test('a test event has the type that is asked for, or the first one that the subscription receives', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const typeOf = async (body: object, change = {}) =>
    ((await call('testSubscription', { body }, stored(change))).body as { type: string }).type
  t.is(await typeOf({}), 'visit.created')
  t.is(await typeOf({}, { eventTypes: ['visit.checked_out', 'visit.checked_in'] }), 'visit.checked_in')
  t.is(await typeOf({ type: 'visit.checked_out' }, { eventTypes: ['visit.created'] }), 'visit.checked_out')
  const thin = await call('testSubscription', {}, stored({ payload: 'thin' }))
  const row = thin.calls.find(([name]) => name === 'sendTest')?.[1] as { body: string }
  t.false('data' in (JSON.parse(row.body) as object))
})

test('a verified endpoint opens a subscription that waited for it, and no other', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const waiting = {
    statusReason: awaitsVerification,
    verification: { state: 'unverified', at: 1, detail: '' },
  } as const
  const opened = await call('verifySubscription', {}, stored(waiting))
  t.deepEqual(names(opened), [
    'subscriptions.get',
    'checkEndpoint',
    'subscriptions.get',
    'subscriptions.replace',
    'inForce',
    'wake',
    'health.get',
  ])
  t.like(opened.body, { status: 'active', statusReason: undefined, statusSince: undefined })
  t.false('statusReason' in (replacedBy(opened) ?? {}) || 'statusSince' in (replacedBy(opened) ?? {}))
  t.deepEqual(
    opened.calls.find(([name]) => name === 'wake'),
    ['wake', 'sub_1'],
  )
  t.like(opened.calls.at(-1)?.[1], {
    before: { status: 'paused' },
    after: { status: 'active', verification: 'verified' },
  })
  const failed = { ...checked, verification: { ...checked.verification, state: 'failed' as const } }
  const refused = await call('verifySubscription', {}, { ...stored(waiting), checkEndpoint: async () => failed })
  t.like(refused.body, {
    status: 'paused',
    statusReason: awaitsVerification,
    verification: { state: 'failed', at: isoAgo(0) },
  })
  t.false(names(refused).includes('wake'))
  const paused = await call('verifySubscription')
  t.like(paused.body, { status: 'paused', statusReason: shown.subscription.statusReason })
})

test('the result of a check says nothing about a url that was set while it was running', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const urls = [subscription.url, 'https://moved.example/']
  const found = await call(
    'verifySubscription',
    {},
    {
      subscriptions: { ...stores.subscriptions, get: async () => ({ ...subscription, url: urls.shift() ?? '' }) },
    },
  )
  t.is(replacedBy(found), undefined)
  t.like(found.body, { url: 'https://moved.example/', verification: { at: isoAgo(29) } })
})
