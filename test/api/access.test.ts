import test from 'ava'
import { callOf, type Doorbell, startDoorbell, subscribe } from '../support/doorbell.ts'
import { until } from '../support/until.ts'

const allScopes = [
  'events:write',
  'subscriptions:read',
  'subscriptions:write',
  'deliveries:read',
  'deliveries:write',
  'tokens:write',
]

const tokenOf = async ({ call }: Pick<Doorbell, 'call'>, tenant: string, scopes = allScopes) => {
  await call('PUT', `/v1/tenants/${tenant}`, { name: tenant })
  return (await call<{ id: string; token: string }>('POST', `/v1/tenants/${tenant}/tokens`, { scopes })).body
}

test('a token is shown once, is listed with its last use, and has no scope that its creator lacks', async t => {
  const doorbell = await startDoorbell(t)
  const { call, service } = doorbell
  const made = await tokenOf(doorbell, 'acme', ['subscriptions:read', 'tokens:write'])
  const as = (method: string, path: string, body?: object) =>
    callOf(service.url)<Record<string, unknown>>(method, path, body, { authorization: `Bearer ${made.token}` })
  t.like((await as('GET', '/v1/me')).body, { role: 'tenant', kind: 'token', id: made.id, tenant: 'acme' })
  t.like((await call('GET', '/v1/me')).body, { role: 'operator', tenant: null })
  t.is((await as('POST', '/v1/tenants/acme/tokens', { scopes: ['deliveries:write'] })).status, 403)
  const second = await as('POST', '/v1/tenants/acme/tokens', {
    scopes: ['subscriptions:read'],
    description: 'wallboard',
  })
  t.is(second.status, 201)
  type Listed = Record<string, unknown> & { lastUsedAt: string | null }
  const { items } = (
    await until(
      () => call<{ items: Listed[] }>('GET', '/v1/tenants/acme/tokens'),
      ({ body }) => (body.items[0]?.lastUsedAt ?? null) !== null,
    )
  ).body
  t.like(items[1], { description: 'wallboard', createdBy: made.id, lastUsedAt: null, revokedAt: null })
  t.false(JSON.stringify(items).includes('dbt_'))
})

test('the audit log shows who changed what, with before and after, and without secrets', async t => {
  const doorbell = await startDoorbell(t)
  const { call, service } = doorbell
  const { id, secret } = await subscribe(doorbell, 'http://127.0.0.1:9999/?key=abc', {
    headers: { 'x-api-key': 'k-1234' },
  })
  const path = `/v1/tenants/acme/subscriptions/${id}`
  const { id: tokenId, token } = await tokenOf(doorbell, 'acme')
  const as = callOf(service.url)
  await as('PATCH', path, { maxInFlight: 3 }, { authorization: `Bearer ${token}` })
  await call('PATCH', path, { maxInFlight: 0 })
  await call('POST', `${path}/pause`)
  interface Entry {
    readonly action: string
    readonly outcome: string
    readonly resource: object
    readonly traceId: string
  }
  const { items } = (await call<{ items: Entry[] }>('GET', '/v1/tenants/acme/audit')).body
  t.deepEqual(
    items.map(({ action }) => action).filter(action => action !== 'putTenant'),
    ['pauseSubscription', 'changeSubscription', 'createToken', 'createSubscription'],
  )
  t.like(items[1], {
    actor: { kind: 'token', id: tokenId },
    resource: { kind: 'subscription', id },
    outcome: 'done',
    before: { maxInFlight: 64 },
    after: { maxInFlight: 3 },
  })
  t.regex(items[1]?.traceId ?? '', /^[0-9a-f]{32}$/)
  const text = JSON.stringify(items)
  for (const hidden of [secret.slice(6), token, 'k-1234', 'key=abc']) t.false(text.includes(hidden))
  const page = await call<{ items: Entry[] }>('GET', `/v1/tenants/acme/audit?resource=${id}&action=pauseSubscription`)
  t.is(page.body.items.length, 1)
  t.true((await call<{ items: Entry[] }>('GET', '/v1/audit')).body.items.length >= items.length)
})
