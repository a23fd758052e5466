import test from 'ava'
import { callOf, checkIn, startDoorbell, subscribe } from './doorbell.ts'

const post = '/v1/tenants/acme/events'

test('tokens: unknown, expired, of another tenant, and without the scope', async t => {
  const { service, call } = await startDoorbell(t)
  const tokenOf = async (tenant: string, scopes: string[], expiresAt?: string) => {
    await call('PUT', `/v1/tenants/${tenant}`, { name: tenant })
    return (await call<{ token: string }>('POST', `/v1/tenants/${tenant}/tokens`, { scopes, expiresAt })).body.token
  }
  const as = (token: string, method: string, path: string, body?: unknown) =>
    callOf(service.url)(method, path, body, { authorization: `Bearer ${token}` })
  const mine = await tokenOf('acme', ['events:write', 'subscriptions:read', 'subscriptions:write', 'deliveries:read'])
  const theirs = await tokenOf('other', [
    'events:write',
    'subscriptions:read',
    'subscriptions:write',
    'deliveries:read',
    'deliveries:write',
  ])
  const reader = await tokenOf('acme', ['deliveries:read'])
  const soon = await tokenOf('acme', ['events:write'], new Date(Date.now() + 1_000).toISOString())

  t.like(await as(mine, 'POST', post, checkIn()), { status: 202 })
  t.like(await as('dbt_unknown', 'POST', post, checkIn()), { status: 401, body: { code: 'unauthenticated' } })
  t.like(await as(reader, 'POST', post, checkIn()), { status: 403, body: { code: 'forbidden' } })
  t.like(await as(mine, 'PUT', '/v1/tenants/acme', { name: 'x' }), { status: 403 })
  for (let answer = await as(soon, 'POST', post, checkIn()); ; answer = await as(soon, 'POST', post, checkIn())) {
    if (answer.status === 202) continue
    t.like(answer, { status: 401, body: { code: 'token_expired' } })
    break
  }
  const { id } = await subscribe({ call }, 'http://127.0.0.1:9/')
  for (const [method, path, body] of [
    ['POST', post, checkIn()],
    ['POST', `${post}/batch`, { events: [checkIn()] }],
    ['GET', `${post}/evt_1`, undefined],
    ['POST', '/v1/tenants/acme/tokens', { scopes: ['events:write'] }],
    ['POST', '/v1/tenants/acme/subscriptions', { url: 'http://127.0.0.1:9/', eventTypes: ['*'] }],
    ['GET', '/v1/tenants/acme/subscriptions', undefined],
    ['GET', `/v1/tenants/acme/subscriptions/${id}`, undefined],
    ['PATCH', `/v1/tenants/acme/subscriptions/${id}`, {}],
    ['DELETE', `/v1/tenants/acme/subscriptions/${id}`, undefined],
    ['GET', '/v1/tenants/acme/deliveries', undefined],
    ['GET', '/v1/tenants/acme/deliveries/a.b', undefined],
  ] as const)
    t.is((await as(theirs, method, path, body)).status, 403, `${method} ${path}`)
  t.is((await as(theirs, 'GET', `/v1/tenants/other/subscriptions/${id}`)).status, 404)
})

test('pages follow each other, ETags guard changes, and a secret is shown once', async t => {
  const { call } = await startDoorbell(t)
  const created: string[] = []
  for (let count = 0; count < 5; count += 1) created.push((await subscribe({ call }, 'http://127.0.0.1:9/')).id)
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
