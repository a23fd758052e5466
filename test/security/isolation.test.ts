import test, { type ExecutionContext } from 'ava'
import { hashToken } from '../../src/api/operation/guard.ts'
import type { Operation } from '../../src/api/operation/operation.ts'
import { writeCursor } from '../../src/api/operation/page.ts'
import { limits } from '../../src/domain/limits.ts'
import { scopes } from '../../src/domain/tenant.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { onDatabase, takeDatabase } from '../support/databases.ts'
import { declaredOperations, pathOf } from '../support/declared-operations.ts'
import { checkIn } from '../support/doorbell.ts'
import { fakeStores } from '../support/fake-stores.ts'
import { recorded, type RecordedCall } from '../support/recorded.ts'
import { serveApi } from '../support/serve-api.ts'
import { mongodbUrl } from '../support/servers.ts'
import { storedDocuments as stored } from '../support/stored-documents.ts'

/** What the tests of a call ask for: the ids of a tenant’s own resources, or ids that look alike and never existed. */
const idsOf = (owner: 'acme' | 'none') => ({
  subscription: `sub_of_${owner}`,
  event: `event-of-${owner}`,
  delivery: `event-of-${owner}.sub_of_${owner}`,
  visit: `visit-of-${owner}`,
  visitor: `visitor-of-${owner}`,
  replay: `rpl_of_${owner}`,
  erasure: `era_of_${owner}`,
  token: `tok_of_${owner}`,
})
type Ids = ReturnType<typeof idsOf>

interface Attempted {
  /** `{id}` and `{visitorId}` of the path. */
  readonly id?: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Begins a page before everything that the tenant has: in a list with the oldest first, and with the newest first. */
const [fromOldest, fromNewest] = [writeCursor('!'), writeCursor('~')]
const range = { from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }
const settings = { url: 'https://other.example/', eventTypes: ['visit.*'] }

/** How each call of a tenant is made with another tenant’s ids: one try for each id that it takes, and for each parameter of its query. */
const tries: Readonly<Record<string, (ids: Ids) => readonly Attempted[]>> = {
  postEvent: ({ event, visit }) => [{ body: checkIn({ id: event, visitId: visit }) }],
  postEvents: ({ event, visit }) => [{ body: { events: [checkIn({ id: event, visitId: visit })] } }],
  listEvents: () => [
    {},
    { query: { type: 'visit.checked_in' } },
    { query: { from: range.from } },
    { query: { cursor: writeCursor({ sequence: 0 }) } },
    { query: { waitMs: '0' } },
  ],
  getEvent: ({ event }) => [{ id: event }, { id: `un${event}` }],
  listSubscriptions: () => [{}, { query: { cursor: fromOldest } }],
  createSubscription: () => [{ body: settings }],
  getSubscription: ({ subscription }) => [{ id: subscription }],
  changeSubscription: ({ subscription }) => [{ id: subscription, body: { maxInFlight: 3 } }],
  deleteSubscription: ({ subscription }) => [{ id: subscription }],
  pauseSubscription: ({ subscription }) => [{ id: subscription }],
  resumeSubscription: ({ subscription }) => [{ id: subscription }, { id: subscription, body: { catchUp: false } }],
  testSubscription: ({ subscription }) => [{ id: subscription, body: { type: 'visit.checked_in' } }],
  rotateSecret: ({ subscription }) => [{ id: subscription, body: { overlapMs: 0 } }],
  verifySubscription: ({ subscription }) => [{ id: subscription }],
  listDeliveries: ({ event, subscription, visit }) => [
    {},
    { query: { eventId: event } },
    { query: { subscriptionId: subscription } },
    { query: { visitId: visit } },
    { query: { type: 'visit.checked_in' } },
    { query: { status: 'pending' } },
    { query: range },
    { query: { cursor: writeCursor({ createdAt: Date.now() + 60_000, id: '~' }) } },
  ],
  getDelivery: ({ delivery }) => [{ id: delivery }],
  resendDelivery: ({ delivery }) => [{ id: delivery }],
  cancelDelivery: ({ delivery }) => [{ id: delivery }],
  getStats: ({ subscription }) => [{}, { query: { subscriptionId: subscription } }],
  startReplay: ({ subscription: subscriptionId }) => [
    { body: { subscriptionId, ...range } },
    { body: { subscriptionId, ...range, dryRun: true } },
    { body: { subscriptionId, ...range, status: 'missing', dryRun: true } },
  ],
  listReplays: ({ subscription }) => [
    {},
    { query: { subscriptionId: subscription } },
    { query: { cursor: fromNewest } },
  ],
  getReplay: ({ replay }) => [{ id: replay }],
  cancelReplay: ({ replay }) => [{ id: replay }],
  getRetention: () => [{}],
  putRetention: () => [{ body: { payloadDays: 1, logDays: 1 } }],
  eraseVisitor: ({ visitor }) => [{ id: visitor }],
  getErasure: ({ erasure }) => [{ id: erasure }],
  listAudit: ({ subscription }) => [
    {},
    { query: { resource: subscription } },
    { query: { action: 'pauseSubscription' } },
    { query: { cursor: fromNewest } },
  ],
  listTokens: () => [{}, { query: { cursor: fromOldest } }],
  createToken: () => [{ body: { scopes: ['events:write'] } }],
  revokeToken: ({ token }) => [{ id: token }],
}

/** These have a test of their own: an answer without end. */
const streams = ['followDeliveries']

/** Two tenants in a ledger: `acme` has one resource of each kind, and as many subscriptions as it may have; `other` has a token. */
const seeded = async (t: ExecutionContext) => {
  const database = takeDatabase(t)
  const ledger = await openLedger({ url: mongodbUrl(), database })
  t.teardown(ledger.close)
  const now = Date.now()
  const mine = idsOf('acme')
  const { subscription: subscriptionId, event: eventId, visit: visitId } = mine
  const row = {
    ...stored.delivery,
    id: mine.delivery,
    subscriptionId,
    eventId,
    visitId,
    createdAt: now,
    updatedAt: now,
  }
  const token = (id: string, tenant: string) => ({
    ...stored.token,
    id,
    tenant,
    scopes,
    hash: hashToken(id),
    createdAt: now,
    expiresAt: null,
  })
  await Promise.all([
    ledger.tenants.put('acme', 'Acme', now),
    ledger.tenants.put('other', 'Other', now),
    ledger.tokens.insert(token(mine.token, 'acme')),
    ledger.tokens.insert(token('dbt_other', 'other')),
    ...Array.from({ length: limits.subscriptionsPerTenant }, (_, index) =>
      ledger.subscriptions.insert({
        ...stored.subscription,
        id: index === 0 ? subscriptionId : `${subscriptionId}_${index}`,
        previousSecret: { sealed: 'sealed-previous', validUntil: now },
      }),
    ),
    ledger.health.put({ ...stored.health, subscriptionId }),
    ledger.deliveries.insert(row),
    ledger.deliveries.insert({
      ...row,
      id: `held.${subscriptionId}`,
      eventId: 'held',
      status: 'held',
      reason: 'paused',
    }),
    ledger.replays.insert({ ...stored.replay, id: mine.replay, subscriptionId, finishedAt: null }),
    ledger.erasures.begin({ ...stored.erasure, id: mine.erasure, visitorId: mine.visitor }),
    ledger.activity.add([{ ...stored.minute, subscriptionId, at: now }]),
    ledger.unmatched.keep({
      tenant: 'acme',
      eventId: `un${eventId}`,
      type: 'visit.created',
      visitId,
      streamSequence: 42,
      at: now,
    }),
    ledger.audit.begin({ ...stored.entry, at: now, resource: { kind: 'subscription', id: subscriptionId } }),
  ])
  await ledger.retention.put('acme', { payloadDays: 3 })

  const calls: RecordedCall[] = []
  const events = [{ ...stored.event, id: eventId, visitId }]
  const ofTenant = (tenant: string) => events.filter(event => event.tenant === tenant)
  const { tenants, tokens, subscriptions, health, deliveries, replays, erasures, activity, unmatched, audit } = ledger
  const { call, url } = await serveApi(
    t,
    recorded(
      {
        ...fakeStores(),
        tenants,
        tokens,
        subscriptions,
        health,
        deliveries,
        replays,
        erasures,
        activity,
        unmatched,
        audit,
        idempotency: ledger.idempotency,
        retention: {
          defaults: stored.retentionDefaults,
          own: async (tenant: string) => (await ledger.retention.get(tenant))?.own ?? {},
          put: ledger.retention.put,
        },
        liveRows: ledger.live.rows$,
        countReplay: ledger.replays.count,
        bodyOf: async (found: { body?: string }) => found.body ?? null,
        readEvent: async (tenant: string) => ofTenant(tenant)[0] ?? null,
        readFeed: async ({ tenant }: { tenant: string }) => ofTenant(tenant).map(event => ({ sequence: 1, event })),
        now: () => now,
      },
      calls,
    ),
  )
  /** Everything that is stored, save what belongs to the other tenant. */
  const others = () =>
    onDatabase(database, async db => {
      const collections = (await db.listCollections({}, { nameOnly: true }).toArray())
        .map(({ name }) => name)
        .toSorted()
      const found = collections.map(async name => {
        const documents = await db
          .collection(name)
          .find<{ _id: unknown; tenant?: unknown }>({})
          .sort({ _id: 1 })
          .toArray()
        return [name, documents.filter(({ _id, tenant }) => _id !== 'other' && tenant !== 'other')] as const
      })
      return Object.fromEntries(await Promise.all(found))
    })
  const ask = async (operation: Operation, { id = '', query, body }: Attempted) => {
    const address = pathOf(operation, { tenant: 'other', id, visitorId: id })
    const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`
    const {
      status,
      body: answer,
      headers,
    } = await call(operation.method.toUpperCase(), address + search, body, {
      authorization: 'Bearer dbt_other',
    })
    const text = JSON.stringify([status, answer, headers.get('location'), headers.get('etag')])
    // Ids and secrets that were made for this answer, and the warning that the tenant itself has created the same subscription before.
    return text
      .replaceAll(/[0-9A-HJKMNP-TV-Z]{26}|dbt_[\w-]{43}/g, 'new')
      .replaceAll(/,"warnings":\[\{"pointer":"\/url","detail":"is the url of sub_new too[^\]]*\]/g, '')
  }
  return { ledger, ask, calls, others, row, url }
}

test('with another tenant’s ids a tenant finds nothing, changes nothing and learns nothing, by any call', async t => {
  const { ask, calls, others } = await seeded(t)
  const operations = declaredOperations.filter(
    ({ path, access, id }) => path.includes('{tenant}') && access !== 'operator' && !streams.includes(id),
  )
  const before = await others()
  t.true(Object.values(before).filter(documents => documents.length > 0).length >= 10, 'every kind is there')
  calls.length = 0
  for (const operation of operations) {
    const { id, path, query } = operation
    const tryOf = tries[id]
    if (tryOf === undefined)
      return t.fail(`${id} has no entry in this test: say how it is called with another tenant’s ids`)
    const parameters = Object.keys(query?.properties ?? {}).filter(name => name !== 'limit')
    const tried = new Set(tryOf(idsOf('acme')).flatMap(each => Object.keys(each.query ?? {})))
    t.deepEqual(
      parameters.filter(name => !tried.has(name)),
      [],
      `${id}: each parameter of its query is tried`,
    )
    t.is(
      tryOf(idsOf('acme')).every(each => each.id !== undefined),
      /\{(id|visitorId)\}/.test(path),
      id,
    )
    for (const [index, attempted] of tryOf(idsOf('acme')).entries()) {
      const found = await ask(operation, attempted)
      const unknown = await ask(operation, tryOf(idsOf('none'))[index] ?? {})
      t.is(found.replaceAll(/of([-_])acme/g, 'of$1none'), unknown, id)
      t.false(/acme/i.test(found.replaceAll(/of[-_]acme/g, '')), `${id}: ${found}`)
      // What one's own path has is found: the call is not refused for another reason.
      t.true(/^\[(20\d|404),/.test(found), `${id}: ${found}`)
    }
  }
  t.deepEqual(await others(), before)
  const woken = calls.filter(
    ([name, first]) => ['wake', 'inForce', 'sendTest'].includes(name) && JSON.stringify(first).includes('acme'),
  )
  t.deepEqual(woken, [])
  return undefined
})

test('a live stream has the changes of its tenant’s deliveries, and of no other tenant’s', async t => {
  const { ledger, row, url } = await seeded(t)
  const answer = await fetch(`${url}/v1/tenants/other/deliveries/live`, {
    headers: { authorization: 'Bearer dbt_other' },
  })
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  await ledger.deliveries.insert({ ...row, id: 'ours.sub_of_acme' })
  await ledger.deliveries.insert({ ...row, id: 'theirs.sub_1', tenant: 'other', subscriptionId: 'sub_1' })
  let text = ''
  while (!text.includes('theirs')) text += (await reader?.read())?.value ?? ''
  await reader?.cancel()
  t.notRegex(text, /ours/)
})
