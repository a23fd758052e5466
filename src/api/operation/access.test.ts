import test from 'ava'
import type { Operation } from './operation.ts'
import { hashToken } from './guard.ts'
import { scopes as allScopes, type AccessToken, type Scope } from '../../domain/tenant.ts'
import { declaredOperations, pathOf } from '../../../test/support/declared-operations.ts'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { recorded, type RecordedCall } from '../../../test/support/recorded.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import { nine, storedDocuments } from '../../../test/support/stored-documents.ts'

const isScope = (access: Operation['access']): access is Scope => allScopes.some(scope => scope === access)

/** Serves the API to tokens of two tenants, and makes the calls of all declarations. */
const start = async (t: Parameters<typeof serveApi>[0]) => {
  const tokens: Record<string, AccessToken> = {}
  const give = (name: string, change: Partial<AccessToken> = {}) => {
    tokens[hashToken(name)] = { ...storedDocuments.token, id: name, scopes: allScopes, ...change }
    return `Bearer ${name}`
  }
  const stores = fakeStores()
  const calls: RecordedCall[] = []
  const { call } = await serveApi(
    t,
    recorded(
      {
        ...stores,
        tokens: { ...stores.tokens, byHash: async (hash: string) => tokens[hash] ?? null },
        tenants: { ...stores.tenants, get: async (id: string) => (id === 'nobody' ? null : storedDocuments.tenant) },
      },
      calls,
    ),
  )
  const ask = async (operation: Operation, authorization: string, tenant = 'acme') => {
    calls.length = 0
    const address = pathOf(operation, { tenant, code: 'not_found', id: 'event-1', visitorId: 'v' })
    const { status, body } = await call(
      operation.method.toUpperCase(),
      address,
      operation.body && (operation.body.example ?? {}),
      { authorization },
    )
    const asked = calls.map(([name]) => name).filter(name => !/^(now|tokens\.(byHash|used)|tenants\.get)$/.test(name))
    return { status, code: body['code'], detail: String(body['detail']).replaceAll(tenant, '…'), asked }
  }
  const operations = declaredOperations.filter(({ access }) => access !== 'open')
  return { operations, give, ask }
}

test('no call that needs a token is made without one, or with an unknown, expired or revoked one', async t => {
  const { operations, give, ask } = await start(t)
  const refused = [
    ['', 'unauthenticated', 'Send the header Authorization: Bearer <token>.'],
    ['Bearer ', 'unauthenticated', 'Send the header Authorization: Bearer <token>.'],
    ['Basic dbt_1', 'unauthenticated', 'Send the header Authorization: Bearer <token>.'],
    ['Bearer dbt_unknown', 'unauthenticated', 'The bearer token is not known.'],
    [give('revoked', { revokedAt: nine - 1 }), 'unauthenticated', 'The token was revoked. Ask for a new one.'],
    [
      give('expired', { expiresAt: nine }),
      'token_expired',
      'The token expired at 2026-03-02T09:00:00.000Z. Ask for a new one.',
    ],
  ] as const
  for (const operation of operations)
    for (const [authorization, code, detail] of refused)
      t.deepEqual(await ask(operation, authorization), { status: 401, code, detail, asked: [] }, operation.id)
  t.true(operations.length > 30)
})

test('a token is good for its own tenant only, and the refusal does not reveal whether another tenant exists', async t => {
  const { operations, give, ask } = await start(t)
  const foreign = give('foreign', { tenant: 'other' })
  const ofTenants = operations.filter(({ access }) => isScope(access))
  for (const operation of ofTenants)
    for (const tenant of ['acme', 'nobody']) {
      const expected = { status: 403, code: 'forbidden', detail: 'The token belongs to another tenant.', asked: [] }
      t.deepEqual(await ask(operation, foreign, tenant), expected, operation.id)
    }
  t.true(ofTenants.every(({ path }) => path.includes('{tenant}')))
  for (const operation of operations.filter(({ access }) => access === 'operator'))
    t.deepEqual(
      await ask(operation, give('mine')),
      { status: 403, code: 'forbidden', detail: 'Only the operator may make this call.', asked: [] },
      operation.id,
    )
})

test('a call needs its scope and no other, and the refusal names it', async t => {
  const { operations, give, ask } = await start(t)
  for (const operation of operations) {
    const { access, id } = operation
    if (!isScope(access)) continue
    const others = give(`all but ${access}`.replaceAll(' ', '-'), {
      scopes: allScopes.filter(scope => scope !== access),
    })
    const detail = `The token does not have the scope ${access}.`
    t.deepEqual(await ask(operation, others), { status: 403, code: 'forbidden', detail, asked: [] }, id)
    const only = await ask(operation, give(`only-${access}`, { scopes: [access] }))
    // A token cannot give a scope that it does not have itself.
    t.true(only.status < 300 || id === 'createToken', `${id}: ${only.detail}`)
  }
})

test('a call for a tenant that does not exist, or whose id cannot be one, says so to the operator', async t => {
  const { operations, ask } = await start(t)
  for (const operation of operations.filter(({ access }) => isScope(access))) {
    const unknown = await ask(operation, 'Bearer operator', 'nobody')
    const create = 'There is no tenant "…". Create it with PUT /v1/tenants/….'
    t.deepEqual(unknown, { status: 404, code: 'unknown_tenant', detail: create, asked: [] }, operation.id)
    const odd = await ask(operation, 'Bearer operator', 'No_Body')
    t.deepEqual([odd.status, odd.code, odd.asked], [400, 'invalid_request', []], operation.id)
    t.is(odd.detail, '"…" is not a tenant id: it must match ^[a-z0-9-]{1,40}$.')
  }
})
