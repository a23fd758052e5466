import test from 'ava'
import { serveApi } from '../../../test/support/serve-api.ts'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { nine, storedDocuments } from '../../../test/support/stored-documents.ts'
import { wholeCalls } from '../../../test/support/whole-calls.ts'
import { roles } from '../../domain/principal.ts'
import { Subject } from 'rxjs'
import { type AccessToken, scopes } from '../../domain/tenant.ts'
import { hashToken } from '../operation/guard.ts'
import { writeCursor } from '../operation/page.ts'

const created = (calls: readonly (readonly unknown[])[]) =>
  calls.find(([name]) => name === 'tokens.insert')?.[1] as AccessToken

test('a new token is shown once, is stored as its hash, and is never the same', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const body = {
    scopes: ['events:write', 'deliveries:read'],
    description: 'wallboard',
    expiresAt: '2026-03-02T09:00:00.001Z',
  }
  const found = await call('createToken', { body })
  const { token, ...shown } = found.body as { token: string }
  t.is(found.status, 201)
  t.deepEqual<unknown, unknown>(shown, { id: 'tok_new', scopes: body.scopes, expiresAt: body.expiresAt })
  t.regex(token, /^dbt_[\w-]{43}$/)
  t.deepEqual<unknown, unknown>(created(found.calls), {
    id: 'tok_new',
    tenant: 'acme',
    description: 'wallboard',
    hash: hashToken(token),
    scopes: body.scopes,
    createdAt: nine,
    createdBy: 'operator',
    expiresAt: nine + 1,
  })
  t.like(found.calls.at(-1)?.[1], { resource: { kind: 'token', id: 'tok_new' }, after: body })
  const other = await call('createToken', { body: { scopes: ['events:write'] } })
  t.not((other.body as { token: string }).token, token)
  t.deepEqual([created(other.calls).expiresAt, 'description' in created(other.calls)], [null, false])
  t.like(other.body, { expiresAt: null })
})

test('a token cannot have a scope that its creator lacks; a portal administrator may let a system publish events', async t => {
  const stores = fakeStores()
  const principal = { kind: 'user' as const, id: 'user-1', tenant: 'acme', scopes: roles.admin }
  const byHash = async () => ({ ...storedDocuments.token, scopes: ['tokens:write', 'subscriptions:read'] as const })
  const { call } = await serveApi(t, {
    ...stores,
    tokens: { ...stores.tokens, byHash },
    identify: async () => principal,
  })
  const statusOf = async (token: string, wanted: readonly string[]) =>
    (await call('POST', '/v1/tenants/acme/tokens', { scopes: wanted }, { authorization: `Bearer ${token}` })).status
  t.is(await statusOf('dbt_1', ['tokens:write', 'subscriptions:read']), 201)
  for (const scope of ['events:write', 'subscriptions:write', 'deliveries:read'])
    t.is(await statusOf('dbt_1', ['subscriptions:read', scope]), 403, scope)
  t.is(await statusOf('a.b.c', scopes), 201)
  const viewer = await serveApi(t, {
    ...stores,
    identify: async () => ({ ...principal, scopes: ['tokens:write'] as const }),
  })
  const refused = await viewer.call(
    'POST',
    '/v1/tenants/acme/tokens',
    { scopes: ['events:write', 'deliveries:write'] },
    { authorization: 'Bearer a.b.c' },
  )
  t.is(refused.body['detail'], 'You cannot give the scope deliveries:write, which you do not have.')
})

test('a user of the portal sees who the user is; a tenant that is gone has no name', async t => {
  const stores = fakeStores()
  const user = { kind: 'user' as const, id: 'user-1', tenant: 'acme', scopes: roles.viewer }
  const me = async (change: object) =>
    (
      await (
        await serveApi(t, { ...stores, identify: async () => user, ...change })
      ).call('GET', '/v1/me', undefined, { authorization: 'Bearer a.b.c' })
    ).body
  const shown = { role: 'tenant', kind: 'user', id: 'user-1', tenant: 'acme', name: 'Acme', scopes: roles.viewer }
  t.deepEqual<unknown, unknown>(await me({}), shown)
  t.deepEqual<unknown, unknown>(await me({ tenants: { ...stores.tenants, get: async () => null } }), {
    ...shown,
    name: null,
  })
})

test('a token that is revoked is refused by this process at once, and by a process that hears of it', async t => {
  const stores = fakeStores()
  const revokedTokens$ = new Subject<string>()
  let token: AccessToken = { ...storedDocuments.token, scopes }
  const tokens = { ...stores.tokens, byHash: async () => token }
  const { call } = await serveApi(t, { ...stores, tokens, revokedTokens$ })
  const statusOf = async () => (await call('GET', '/v1/me', undefined, { authorization: 'Bearer dbt_1' })).status
  t.is(await statusOf(), 200)
  token = { ...token, revokedAt: nine }
  t.is(await statusOf(), 200)
  await call('DELETE', '/v1/tenants/acme/tokens/tok_1')
  t.is(await statusOf(), 401)
  token = { ...storedDocuments.token, scopes }
  t.is(await statusOf(), 401)
  revokedTokens$.next('tok_1')
  t.is(await statusOf(), 200)
})

test('a page of tokens begins after the previous one', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const { calls } = await call('listTokens', { query: `?cursor=${writeCursor('tok_7')}` })
  t.deepEqual(calls.at(-1), ['tokens.list', 'acme', { limit: 51, after: 'tok_7' }])
})
