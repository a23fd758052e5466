import test from 'ava'
import type { MongoServerError } from 'mongodb'
import { ledgerOfFile, newTenant, now } from '../../test/support/ledger.ts'
import { freshName } from '../../test/support/servers.ts'
import type { ActivityMinute } from '../domain/activity.ts'
import type { AuditEntry } from '../domain/audit.ts'
import { newErasure } from '../domain/erasure.ts'
import type { SubscriptionHealth } from '../domain/health.ts'
import { keepRetiredMs, type StoredKey } from '../domain/signing-key.ts'
import type { AccessToken } from '../domain/tenant.ts'
import { dayMs } from '../domain/time.ts'
import type { AsideDocument } from './aside.ts'
import type { ActivityDocument } from './activity.ts'
import { type AuditDocument, createAudit } from './audit.ts'
import type { ErasureDocument } from './erasures.ts'
import { createIdempotency, type IdempotencyDocument } from './idempotency.ts'
import type { HealthDocument } from './health.ts'
import type { KeyDocument } from './keys.ts'
import type { SubscriptionDocument } from './subscriptions.ts'
import type { TenantDocument } from './tenants.ts'
import type { TokenDocument } from './tokens.ts'
import type { UnmatchedDocument } from './unmatched.ts'

const ledger = ledgerOfFile()
interface Documents {
  readonly tenants: TenantDocument
  readonly tokens: TokenDocument
  readonly keys: KeyDocument
  readonly subscriptions: SubscriptionDocument
  readonly health: HealthDocument
  readonly audit: AuditDocument
  readonly idempotency: IdempotencyDocument
  readonly unmatched: UnmatchedDocument
  readonly activity: ActivityDocument
  readonly aside: AsideDocument
  readonly erasures: ErasureDocument
}
const stored = <K extends keyof Documents>(name: K, _id: string | number) =>
  ledger()
    .db.collection(name)
    .findOne({ _id: _id as never })
const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id)

test('a tenant is created once, keeps its time of creation when it is renamed, and is listed in the order of ids', async t => {
  const { tenants, retention } = ledger()
  const [a, b, c] = ['a', 'b', 'c'].map(end => `0-${newTenant().tenant}-${end}`) as [string, string, string]
  for (const each of [b, a, c]) t.is(await tenants.put(each, 'Acme', 1_000), 'created')
  t.is(await tenants.put(a, 'New', 2_000), 'updated')
  await retention.put(a, { payloadDays: 3 })
  t.deepEqual(await tenants.get(a), { id: a, name: 'New', createdAt: 1_000 }, 'and nothing of its retention')
  t.is(await tenants.get('none'), null)
  const sorted = [a, b, c].toSorted()
  const pageAfter = async (after: string, limit: number) => ids(await tenants.list({ after, limit }))
  t.deepEqual(await pageAfter('0', 2), sorted.slice(0, 2))
  t.deepEqual(await pageAfter(sorted[1] ?? '', 1), sorted.slice(2))
  t.deepEqual((await tenants.list({ limit: 2 })).length, 2)
})

test('a token is found by its hash, listed in order, and revoked once; its last use never goes back', async t => {
  const { tokens } = ledger()
  const { tenant } = newTenant()
  const token = (id: string): AccessToken => ({
    id: `${id}_${tenant}`,
    tenant,
    hash: Buffer.from(`${id}${tenant}`.padEnd(32, '.')).toString('hex').slice(0, 64),
    scopes: ['events:write'],
    createdAt: 1,
    expiresAt: null,
  })
  const [a, b, c] = [token('a'), token('b'), token('c')]
  await Promise.all([c, a, b].map(tokens.insert))
  t.deepEqual(await tokens.byHash(b.hash), b)
  t.is(await tokens.byHash('0'.repeat(64)), null)
  t.deepEqual(ids(await tokens.list(tenant, { limit: 2 })), [a.id, b.id])
  t.deepEqual(ids(await tokens.list(tenant, { limit: 2, after: b.id })), [c.id])
  t.deepEqual(await tokens.revoke(tenant, a.id, 5), a, 'as it was before')
  t.is((await tokens.revoke(tenant, a.id, 9))?.revokedAt, 5)
  t.is((await tokens.byHash(a.hash))?.revokedAt, 5, 'the first time stands')
  t.is((await tokens.byHash(b.hash))?.revokedAt, undefined)
  await tokens.used(b.id, 50)
  await tokens.used(b.id, 40)
  t.is((await tokens.byHash(b.hash))?.lastUsedAt, 50)
  t.is((await tokens.byHash(c.hash))?.lastUsedAt, undefined)
})

test('an audit entry is written before its change, completed after it, and listed newest first by tenant, resource and action', async t => {
  const { audit, db } = ledger()
  const { tenant } = newTenant()
  const resource = `sub_${tenant}`
  const entry = (id: string, change: Partial<AuditEntry> = {}): AuditEntry => ({
    id: `${id}_${tenant}`,
    tenant,
    at: now,
    actor: { kind: 'system', id: 'doorbell' },
    action: 'changeSubscription',
    resource: { kind: 'subscription', id: resource },
    outcome: 'begun',
    traceId: null,
    ...change,
  })
  const all = [
    entry('1'),
    entry('2', { action: 'createToken' }),
    entry('3', { resource: { kind: 'subscription', id: 'new' } }),
    entry('4', { tenant: null }),
  ]
  for (const each of all) await audit.begin(each)
  t.deepEqual(await audit.list({ tenant, limit: 1, before: entry('2').id }), [entry('1')])
  const list = async (query: object) => ids(await audit.list({ limit: 9, ...query })).map(id => id.slice(0, 1))
  t.deepEqual(await list({ tenant }), ['3', '2', '1'])
  t.deepEqual(await list({ tenant, resource }), ['2', '1'])
  t.deepEqual(await list({ tenant, action: 'createToken' }), ['2'])
  t.deepEqual(await list({ tenant, before: entry('3').id, limit: 1 }), ['2'])
  t.true((await list({ resource })).includes('4'), 'without a tenant also the service’s own')
  t.is((await stored('audit', entry('1').id))?.['expireAt'].getTime(), now + 365 * dayMs)
  const short = createAudit(db.collection<AuditDocument>('audit'), 2)
  await short.begin(entry('5'))
  t.is((await stored('audit', entry('5').id))?.['expireAt'].getTime(), now + 2 * dayMs)

  const made = { outcome: 'done', resource: { kind: 'subscription', id: 'made' } } as const
  await audit.end(entry('1', { ...made, before: { a: 1 }, after: { a: 2 }, action: 'ignored', at: 9 }))
  await audit.end(entry('2', { outcome: 'failed' }))
  t.deepEqual(await audit.list({ tenant, resource: 'made', limit: 1 }), [
    entry('1', { ...made, before: { a: 1 }, after: { a: 2 } }),
  ])
  t.deepEqual(await audit.list({ tenant, action: 'createToken', limit: 1 }), [
    entry('2', { action: 'createToken', outcome: 'failed' }),
  ])
  await audit.forget(entry('1').id)
  await audit.forget(entry('3').id)
  t.deepEqual(await list({ tenant }), ['5', '2', '1'], 'only an entry that is not completed is removed')
})

test('a request with a key is claimed once; a later one learns when it began, reads its answer, or takes over after a minute', async t => {
  const { idempotency } = ledger()
  const id = freshName('key')
  t.deepEqual(await idempotency.begin(id, 'f', now), { state: 'ours', at: now, isRepeated: false })
  t.is((await stored('idempotency', id))?.['expireAt'].getTime(), now + 24 * 60 * 60_000)
  t.deepEqual(await idempotency.begin(id, 'f', now + 1), { state: 'under_way', at: now })
  t.deepEqual(await idempotency.begin(id, 'g', now + 1), { state: 'another' })
  t.deepEqual(await idempotency.begin(id, 'f', now + 59_999), { state: 'under_way', at: now })
  const both = await Promise.all([0, 1].map(() => idempotency.begin(id, 'f', now + 60_000)))
  t.deepEqual(
    both.toSorted((one, other) => (one.state < other.state ? -1 : 1)),
    [
      { state: 'ours', at: now, isRepeated: true },
      { state: 'under_way', at: now },
    ],
    'of two, one takes over',
  )
  t.deepEqual(
    await idempotency.begin(id, 'f', now + 119_999),
    { state: 'under_way', at: now },
    'its minute begins again',
  )
  await idempotency.finish(id, 'sealed')
  t.deepEqual(await idempotency.begin(id, 'f', now + 500_000), { state: 'answered', answer: 'sealed' })
  t.deepEqual(await idempotency.begin(id, 'g', now), { state: 'another' })
  await idempotency.forget(id)
  t.deepEqual(await idempotency.begin(id, 'f', now), { state: 'answered', answer: 'sealed' }, 'an answer stays')
  const failed = freshName('key')
  await idempotency.begin(failed, 'f', now)
  await idempotency.forget(failed)
  t.like(await idempotency.begin(failed, 'g', now), { state: 'ours', isRepeated: false })
  const collection = ledger().db.collection<IdempotencyDocument>('idempotency')
  const released = async () => (await idempotency.forget(failed), null)
  const racing = createIdempotency(
    Object.assign(Object.create(collection), { findOne: released, insertOne: collection.insertOne }),
  )
  t.deepEqual(
    await racing.begin(failed, 'g', now + 7),
    { state: 'ours', at: now + 7, isRepeated: false },
    'released between the two questions',
  )
})

const key = (kid: string, use: StoredKey['use'], change: Partial<StoredKey> = {}): StoredKey => ({
  kid,
  alg: 'ES256',
  use,
  publicJwk: { kty: 'EC' },
  sealedPrivateJwk: `sealed ${kid}`,
  createdAt: 1,
  ...change,
})

test('there is always exactly one key that signs and one that is next, however many processes rotate at once', async t => {
  const { keys } = ledger()
  const [a, b, c, d] = [key('a', 'current'), key('b', 'next', { createdAt: 2 }), key('c', 'next'), key('d', 'next')]
  t.deepEqual(await keys.insertFirst(a), [a])
  t.deepEqual(await keys.insertFirst(key('z', 'current')), [a], 'another process was first')
  const invalid = { ...key('y', 'next'), alg: 'none' as never }
  t.is((await t.throwsAsync<MongoServerError>(keys.insertFirst(invalid)))?.code, 121)
  await t.throwsAsync(keys.rotate('a', 'b', c, 50), { message: 'the next key is missing' })
  t.deepEqual(await keys.load(), [a], 'and nothing of it is stored')
  t.deepEqual(await keys.insertFirst(b), [a, b])
  t.is(await keys.rotate('b', 'a', c, 50), false, 'b does not sign')
  const rotations = await Promise.all([keys.rotate('a', 'b', { ...c, createdAt: 3 }, 50), keys.rotate('a', 'b', d, 60)])
  t.deepEqual(rotations.toSorted(), [false, true])
  const after = await keys.load()
  t.deepEqual(
    after.map(({ use }) => use),
    rotations[0] ? ['retired', 'current', 'next'] : ['retired', 'next', 'current'],
  )
  const at = rotations[0] ? 50 : 60
  t.deepEqual(
    after.find(({ kid }) => kid === 'a'),
    { ...a, use: 'retired', retiredAt: at },
  )
  t.deepEqual(
    after.find(({ kid }) => kid === 'b'),
    { ...b, use: 'current', currentSince: at },
  )
  await keys.reseal('b', 'another', 'new')
  t.is((await keys.load()).find(({ kid }) => kid === 'b')?.sealedPrivateJwk, 'sealed b', 'another process did already')
  await keys.reseal('b', 'sealed b', 'new')
  t.deepEqual(
    (await keys.load()).map(({ sealedPrivateJwk }) => sealedPrivateJwk).filter(sealed => sealed === 'new').length,
    1,
  )
  t.is(await keys.forgetRetired(at), 0)
  t.is(await keys.forgetRetired(at + 1), 1)
  t.deepEqual((await keys.load()).map(({ use }) => use).toSorted(), ['current', 'next'])
  t.is(keepRetiredMs, 7 * dayMs)
})

test('the health of an endpoint is replaced, shared by those who ask, and forgotten', async t => {
  const { health } = ledger()
  const of = (subscriptionId: string, gone: number): SubscriptionHealth => ({
    subscriptionId,
    circuit: { phase: 'open', since: 1, until: 2, times: 3, reason: 'x' },
    failingSince: 4,
    notices: 5,
    gone,
    updatedAt: 6,
  })
  const [a, b] = [newTenant().subscriptionId, newTenant().subscriptionId]
  t.is(await health.get(a), null, 'it never failed')
  await health.put(of(a, 1))
  await health.put(of(a, 2))
  await health.put(of(b, 3))
  t.deepEqual(await Promise.all([a, b, 'none', a].map(health.get)), [of(a, 2), of(b, 3), null, of(a, 2)])
  const isOurs = (id: string) => id === a || id === b
  t.deepEqual((await health.withOpenCircuit()).filter(isOurs).toSorted(), [a, b].toSorted())
  await health.put({ ...of(b, 4), circuit: { phase: 'closed', since: 1, until: null, times: 0, reason: null } })
  t.deepEqual((await health.withOpenCircuit()).filter(isOurs), [a])
  await health.put(of(b, 3))
  t.deepEqual(await health.many([a, 'none']), new Map([[a, of(a, 2)]]))
  await health.forget(a)
  t.deepEqual([await health.get(a), await health.get(b)], [null, of(b, 3)])
})

test('an event that matched no subscription is remembered once, without content, for 30 days or the tenant’s log retention', async t => {
  const { unmatched } = ledger()
  const { tenant } = newTenant()
  const event = (eventId: string, at: number, streamSequence = 1) => {
    return { tenant, eventId, type: 'visit.created', visitId: 'v', streamSequence, at }
  }
  await Promise.all([event('a', now), event('b', now + 1), event('a', now, 2)].map(unmatched.keep))
  t.deepEqual(await unmatched.get(tenant, 'b'), event('b', now + 1))
  t.is((await unmatched.get(tenant, 'a'))?.streamSequence, 2)
  t.is(await unmatched.get(tenant, 'none'), null)
  t.is((await stored('unmatched', `${tenant}.a`))?.['expireAt'].getTime(), now + 30 * dayMs)
  t.is(await unmatched.removeBefore(tenant, now), 0)
  t.is(await unmatched.removeBefore(tenant, now + 1), 1)
  t.is(await unmatched.get(tenant, 'a'), null)
  t.is(await unmatched.removeBefore(tenant, now + 2), 1)
})

test('an unmatched event that its validator refuses is refused alone: of a batch of five hundred, all others are recorded', async t => {
  const { unmatched } = ledger()
  const { tenant } = newTenant()
  const events = Array.from({ length: 500 }, (_, n) => ({
    tenant: n === 250 ? 'NO TENANT' : tenant,
    eventId: `e-${n}`,
    type: 'visit.created',
    visitId: 'v-1',
    streamSequence: n,
    at: now,
  }))
  const results = await Promise.allSettled(events.map(unmatched.keep))
  const refused = results.flatMap((result, n) => (result.status === 'rejected' ? [[n, String(result.reason)]] : []))
  t.deepEqual(refused, [[250, 'Failure: The ledger refuses this document (121).']])
  for (const n of [0, 249, 251, 499]) t.is((await unmatched.get(tenant, `e-${n}`))?.streamSequence, n)
})

test('attempts are added up by subscription and minute, over all processes, and kept for 25 hours', async t => {
  const { activity } = ledger()
  const { tenant, subscriptionId } = newTenant()
  const minute = (at: number, took: number[], change: Partial<ActivityMinute> = {}): ActivityMinute => {
    return { tenant, subscriptionId, at, attempts: 2, failed: 1, took, ...change }
  }
  await activity.add([])
  await activity.add([minute(now, [0, 2]), minute(now - 1, [1])])
  await Promise.all([
    activity.add([minute(now, [1, 0, 4])]),
    activity.add([minute(now, [], { subscriptionId: `${subscriptionId}_b` })]),
  ])
  const sum = { ...minute(now, [1, 2, 4]), attempts: 4, failed: 2 }
  t.deepEqual(await activity.since(tenant, 0, subscriptionId), [minute(now - 1, [1]), sum])
  t.deepEqual(await activity.since(tenant, now, subscriptionId), [sum], 'from is included')
  t.deepEqual(await activity.since(tenant, now + 1, subscriptionId), [])
  t.is((await activity.since(tenant, 0)).length, 3)
  t.is((await stored('activity', `${subscriptionId}.${now}`))?.['expireAt'].getTime(), now + 25 * 60 * 60_000)
  t.deepEqual((await stored('activity', `${subscriptionId}.${now - 1}`))?.['took'], { 0: 1 }, 'no zeros are stored')
})

test('a message that is set aside is kept once, newest first, for 30 days or the tenant’s payload retention', async t => {
  const { aside } = ledger()
  const { tenant } = newTenant()
  const message = (sequence: number, text: string, at: number) => {
    return { sequence, partition: 1, tenant, type: 'x', reason: 'not JSON', text, at }
  }
  const last = 1_000_000_000
  await aside.keep(message(last, 'old', now - 1))
  const all = [message(last, 'anna', now), message(last + 1, 'ben', now + 1), message(last + 2, 'cleo', now + 2)]
  for (const each of all) await aside.keep(each)
  t.deepEqual(await aside.list(3), all.toReversed())
  t.deepEqual(await aside.list(1), all.slice(2))
  t.true((await aside.tenants()).includes(tenant))
  t.is((await stored('aside', last))?.['expireAt'].getTime(), now + 30 * dayMs)
  t.is(await aside.removeWhere(tenant, text => text === 'ben'), 1)
  t.is(await aside.removeBefore(tenant, now), 0)
  t.is(await aside.removeBefore(tenant, now + 1), 1)
  t.deepEqual(await aside.list(1), all.slice(2))
})

test('of two changes of a subscription one is made, and the other learns that it was too late', async t => {
  const { subscriptions } = ledger()
  const of = newTenant()
  const [a, b] = [of.subscription(), of.subscription({ id: `${of.subscriptionId}_b` })]
  await subscriptions.insert(b)
  await subscriptions.insert(a)
  const changes = ['https://one.example/', 'https://two.example/'].map(url => ({ ...a, url, version: 2 }))
  const results = await Promise.all(changes.map(change => subscriptions.replace(change, 1)))
  t.deepEqual(results.toSorted(), [false, true])
  const winner = changes[results.indexOf(true)]
  t.deepEqual(await subscriptions.get(of.tenant, a.id), winner)
  t.false(await subscriptions.remove(of.tenant, a.id, 1))
  t.deepEqual(ids(await subscriptions.list(of.tenant, { limit: 9 })), [a.id, b.id])
  t.deepEqual(ids(await subscriptions.list(of.tenant, { limit: 1 })), [a.id])
  t.deepEqual(ids(await subscriptions.list(of.tenant, { limit: 9, after: a.id })), [b.id])
  t.is(await subscriptions.count(of.tenant), 2)
  t.true(await subscriptions.remove(of.tenant, a.id, 2))
  t.false(await subscriptions.remove(of.tenant, a.id))
  t.true(await subscriptions.remove(of.tenant, b.id))
  t.false(await subscriptions.replace({ ...b, version: 2 }, 1), 'it is deleted')
  t.is(await subscriptions.count(of.tenant), 0)
})

test('a subscription is disabled while it is active, with reason, time and a new version; only once', async t => {
  const { subscriptions } = ledger()
  const of = newTenant()
  const paused = of.subscription({ id: `${of.subscriptionId}_b`, status: 'paused' })
  await Promise.all([of.subscription(), paused].map(subscriptions.insert))
  const both = await Promise.all([0, 1].map(() => subscriptions.disable(of.subscriptionId, 'failing', 50)))
  t.deepEqual(both.toSorted(), [false, true])
  const disabled = { status: 'disabled', statusReason: 'failing', statusSince: 50, updatedAt: 50, version: 2 } as const
  t.deepEqual(await subscriptions.get(of.tenant, of.subscriptionId), of.subscription(disabled))
  t.false(await subscriptions.disable(paused.id, 'failing', 50))
  t.deepEqual(await subscriptions.get(of.tenant, paused.id), paused)
  t.false(await subscriptions.replace(of.subscription({ version: 2 }), 1), 'a change that was read before is refused')
})

test('each sealed field is re-encrypted by itself, unless it changed, and the version stays', async t => {
  const { subscriptions } = ledger()
  const of = newTenant()
  const sealed = of.subscription({ sealedExtras: 'x1', previousSecret: { sealed: 'p1', validUntil: 5 } })
  await subscriptions.insert(sealed)
  await subscriptions.reseal(sealed.id, 'sealedSecret', 'sealed', 's2')
  await subscriptions.reseal(sealed.id, 'previousSecret.sealed', 'p1', 'p2')
  await subscriptions.reseal(sealed.id, 'sealedExtras', 'changed', 'x2')
  const previousSecret = { sealed: 'p2', validUntil: 5 }
  t.deepEqual(await subscriptions.get(of.tenant, sealed.id), { ...sealed, sealedSecret: 's2', previousSecret })
})

test('an erasure runs once for a visitor, keeps its progress, and names the visitor no longer when it is done', async t => {
  const { tenant } = newTenant()
  const { erasures } = ledger()
  const begun = newErasure(`era_1_${tenant}`, tenant, 'anna', now)
  const [second, other] = [{ ...begun, id: `era_2_${tenant}` }, newErasure(`era_3_${tenant}`, tenant, 'ben', now)]
  t.deepEqual(await erasures.begin(begun), begun)
  t.deepEqual(await erasures.begin(second), begun, 'the one that is running')
  t.deepEqual(await erasures.begin(other), other)
  const advanced = { ...begun, boundary: 9, cursor: 5, found: [{ sequence: 5, eventId: 'e-1' }] }
  await erasures.advance(advanced)
  const running = async () => (await erasures.running()).filter(each => each.tenant === tenant)
  t.deepEqual([await erasures.get(tenant, begun.id), await running()], [advanced, [advanced, other]])

  const done = { ...advanced, visitorId: null, found: [], state: 'done', finishedAt: now + 1 } as const
  t.deepEqual(await erasures.finish(advanced, now + 1), done)
  await erasures.advance(advanced)
  const { id: _id, ...rest } = done
  t.deepEqual(await stored('erasures', _id), { _id, ...rest, expireAt: new Date(now + 1 + 366 * dayMs) } as never)
  t.deepEqual([await erasures.get(tenant, begun.id), await running()], [done, [other]])
  t.deepEqual(await erasures.begin(second), second, 'a later request is a new erasure')
})
