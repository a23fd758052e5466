import test from 'ava'
import { callOf, type Doorbell, startDoorbell, subscribe } from '../support/doorbell.ts'
import { onDatabase } from '../support/databases.ts'
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

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security?: readonly object[] }>>>>
}

test('every call that needs a token refuses a request without one, and unknown, expired, revoked and foreign tokens and those without the scope', async t => {
  const doorbell = await startDoorbell(t)
  const { call, service } = doorbell
  const { id } = await subscribe(doorbell, 'http://127.0.0.1:9999/')
  const expired = await tokenOf(doorbell, 'acme')
  await onDatabase(doorbell.settings.database, db =>
    db.collection<{ _id: string }>('tokens').updateOne({ _id: expired.id }, { $set: { expiresAt: Date.now() - 1 } }),
  )
  const revoked = await tokenOf(doorbell, 'acme')
  t.is((await call('DELETE', `/v1/tenants/acme/tokens/${revoked.id}`)).status, 204)
  const foreign = await tokenOf(doorbell, 'other')
  const as = callOf(service.url)
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

  const { paths } = (await call<Described>('GET', '/openapi.json')).body
  let walked = 0
  for (const [path, methods] of Object.entries(paths))
    for (const [method, { security }] of Object.entries(methods)) {
      if (security?.length === 0) continue
      walked += 1
      const address = (tenant: string) => path.replace('{tenant}', tenant).replaceAll(/\{\w+\}/g, id)
      const answer = async (headers: Record<string, string>, tenant = 'acme') => {
        const body = method === 'get' || method === 'delete' ? undefined : {}
        const { status, body: problem } = await as<{ code: string; detail: string }>(
          method.toUpperCase(),
          address(tenant),
          body,
          headers,
        )
        return [status, problem.code, problem.detail.replaceAll(tenant, '…')] as const
      }
      const where = `${method} ${path}`
      t.deepEqual((await answer({ authorization: '' })).slice(0, 2), [401, 'unauthenticated'], where)
      t.deepEqual((await answer(bearer('dbt_garbage'))).slice(0, 2), [401, 'unauthenticated'], where)
      t.deepEqual((await answer(bearer(expired.token))).slice(0, 2), [401, 'token_expired'], where)
      t.deepEqual((await answer(bearer(revoked.token))).slice(0, 2), [401, 'unauthenticated'], where)
      if (path === '/v1/me') continue
      const refused = await answer(bearer(foreign.token))
      t.deepEqual(refused.slice(0, 2), [403, 'forbidden'], where)
      // The answer does not reveal whether that tenant exists.
      t.deepEqual(await answer(bearer(foreign.token), 'nobody'), refused, where)
      if (!path.includes('{tenant}') || path === '/v1/tenants/{tenant}') continue
      const none = await tokenOf(doorbell, 'acme', [scopeThatIsNot(path, method)])
      t.deepEqual((await answer(bearer(none.token))).slice(0, 2), [403, 'forbidden'], where)
    }
  t.true(walked > 25, `${walked} calls`)
})

/** A scope that does not allow the call. */
const scopeThatIsNot = (path: string, method: string): string => {
  if (path.includes('/events') && method === 'post') return 'subscriptions:read'
  return 'events:write'
}

test('a resource of another tenant is not found under one’s own path', async t => {
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, 'http://127.0.0.1:9999/')
  const { token } = await tokenOf(doorbell, 'other')
  const as = (method: string, path: string, body?: object) =>
    callOf(doorbell.service.url)(method, `/v1/tenants/other${path}`, body, { authorization: `Bearer ${token}` })
  for (const [method, path, body] of [
    ['GET', `/subscriptions/${id}`],
    ['PATCH', `/subscriptions/${id}`, {}],
    ['DELETE', `/subscriptions/${id}`],
    ['POST', `/subscriptions/${id}/pause`, {}],
    ['POST', `/subscriptions/${id}/resume`, {}],
    ['POST', `/subscriptions/${id}/test`, {}],
    ['POST', '/replays', { subscriptionId: id, from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }],
  ] as const)
    t.like(await as(method, path, body), { status: 404, body: { code: 'not_found' } }, `${method} ${path}`)
})

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

test('no answer shows a secret or a token again', async t => {
  const doorbell = await startDoorbell(t)
  const { call } = doorbell
  const { id, secret } = await subscribe(doorbell, 'http://127.0.0.1:9999/')
  const { token } = await tokenOf(doorbell, 'acme')
  const { paths } = (await call<Described>('GET', '/openapi.json')).body
  for (const [path, methods] of Object.entries(paths)) {
    if (!('get' in methods) || path.endsWith('/live') || path.startsWith('/problems')) continue
    const text = JSON.stringify((await call('GET', path.replace('{tenant}', 'acme').replaceAll(/\{\w+\}/g, id))).body)
    for (const hidden of [secret.slice(6), token.slice(4), 'sealedSecret', doorbell.settings.adminToken])
      t.false(text.includes(hidden), path)
  }
})

test('pages follow each other, ETags guard changes, and a secret is shown once', async t => {
  const { call } = await startDoorbell(t)
  const created: string[] = []
  for (let count = 0; count < 5; count += 1) created.push((await subscribe({ call }, 'http://127.0.0.1:9999/')).id)
  const seen: string[] = []
  for (let cursor = ''; ;) {
    const { body } = await call<{ items: { id: string }[]; next: string | null }>(
      'GET',
      `/v1/tenants/acme/subscriptions?limit=2${cursor}`,
    )
    seen.push(...body.items.map(({ id }) => id))
    t.false(JSON.stringify(body).includes('ecret'))
    if (body.next === null) break
    cursor = `&cursor=${body.next}`
  }
  t.deepEqual(seen, created.toSorted())
  t.is((await call('GET', '/v1/tenants/acme/deliveries?cursor=bm9uc2Vuc2U')).status, 400)

  const path = `/v1/tenants/acme/subscriptions/${created[0]}`
  const etag = (await call('GET', path)).headers.get('etag') ?? ''
  t.is((await call('PATCH', path, { description: 'a' }, { 'if-match': etag })).status, 200)
  t.like(await call('PATCH', path, { description: 'b' }, { 'if-match': etag }), {
    status: 412,
    body: { code: 'precondition_failed' },
  })
  const { body } = await call('PATCH', path, { description: null, maxInFlight: 3 })
  t.like(body, { maxInFlight: 3, timeoutMs: 10_000 })
  t.false('description' in body)
})
