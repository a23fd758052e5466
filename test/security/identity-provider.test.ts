import { createHmac, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { callOf, startDoorbell } from '../support/doorbell.ts'
import { until } from '../support/until.ts'

/** An identity provider: a key set over HTTP, and tokens signed with its keys. */
const startProvider = async (t: ExecutionContext) => {
  const makeKey = async () => ({ kid: randomUUID(), ...(await generateKeyPair('ES256', { extractable: true })) })
  let key = await makeKey()
  let away = false
  const server = createServer((_, response) => {
    if (away) return void response.destroy()
    void exportJWK(key.publicKey).then(jwk =>
      response.end(JSON.stringify({ keys: [{ ...jwk, kid: key.kid, alg: 'ES256', use: 'sig' }] })),
    )
    return undefined
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const good = { iss: issuer, aud: 'doorbell', sub: 'user-1', org: { tenant: 'acme' }, role: 'admin' }
  const nowS = () => Math.floor(Date.now() / 1_000)
  return {
    issuer,
    good,
    sign: (change: JWTPayload & Record<string, unknown> = {}) =>
      new SignJWT({ ...good, exp: nowS() + 300, ...change })
        .setProtectedHeader({ alg: 'ES256', kid: key.kid })
        .sign(key.privateKey),
    confused: async () => {
      const head = Buffer.from(JSON.stringify({ alg: 'HS256', kid: key.kid })).toString('base64url')
      const payload = Buffer.from(JSON.stringify({ ...good, exp: nowS() + 300 })).toString('base64url')
      const secret = JSON.stringify(await exportJWK(key.publicKey))
      return `${head}.${payload}.${createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url')}`
    },
    rotate: async () => void (key = await makeKey()),
    goAway: () => void (away = true),
    comeBack: () => void (away = false),
  }
}

const start = async (t: ExecutionContext) => {
  const provider = await startProvider(t)
  const { service, call } = await startDoorbell(t, {
    identityProvider: {
      issuer: provider.issuer,
      audience: 'doorbell',
      jwksUrl: `${provider.issuer}/keys`,
      tenantClaim: 'org.tenant',
      roleClaim: 'role',
      operatorRole: 'platform',
    },
  })
  for (const tenant of ['acme', 'other']) await call('PUT', `/v1/tenants/${tenant}`, { name: tenant })
  const get = async (token: string, path = '/v1/tenants/acme/subscriptions') => {
    const { status, body } = await callOf(service.url)<Record<string, unknown>>('GET', path, undefined, {
      authorization: `Bearer ${token}`,
    })
    return [status, body['code']] as const
  }
  return { provider, get, call, url: service.url }
}

test('a user of the portal may do what the role allows for the user’s tenant, and appears in the audit log', async t => {
  const { provider, get, call, url } = await start(t)
  const admin = await provider.sign()
  t.deepEqual(await get(admin), [200, undefined])
  t.deepEqual(await get(admin, '/v1/tenants/other/subscriptions'), [403, 'forbidden'])
  t.deepEqual(await get(admin, '/v1/tenants'), [403, 'forbidden'])
  t.deepEqual(await get(await provider.sign({ role: ['x', 'platform'], org: {} }), '/v1/tenants'), [200, undefined])
  const wanted = { url: 'http://127.0.0.1:9999/', eventTypes: ['*'] }
  const as = (token: string) => ({ authorization: `Bearer ${token}` })
  const path = '/v1/tenants/acme/subscriptions'
  t.is((await callOf(url)('POST', path, wanted, as(admin))).status, 201)
  t.is((await callOf(url)('POST', path, wanted, as(await provider.sign({ role: 'viewer' })))).status, 403)
  const { items } = (await call<{ items: object[] }>('GET', '/v1/tenants/acme/audit')).body
  t.like(items[0], { action: 'createSubscription', actor: { kind: 'user', id: 'user-1' } })
})

test('tokens that are unsigned, signed with a confused algorithm, expired, not yet valid, or of another issuer or audience are refused', async t => {
  const { provider, get } = await start(t)
  const nowS = Math.floor(Date.now() / 1_000)
  const unsigned = new UnsecuredJWT({ ...provider.good, exp: nowS + 300 }).encode()
  for (const [name, token, status, code] of [
    ['unsigned', unsigned, 401, 'unauthenticated'],
    ['HS256 with the public key', await provider.confused(), 401, 'unauthenticated'],
    ['expired', await provider.sign({ exp: nowS - 60 }), 401, 'token_expired'],
    ['not yet valid', await provider.sign({ nbf: nowS + 120 }), 401, 'unauthenticated'],
    ['another issuer', await provider.sign({ iss: 'https://elsewhere.example' }), 401, 'unauthenticated'],
    ['another audience', await provider.sign({ aud: 'portal' }), 401, 'unauthenticated'],
    ['no tenant', await provider.sign({ org: {} }), 403, 'forbidden'],
    ['no role', await provider.sign({ role: 'guest' }), 403, 'forbidden'],
    ['a foreign tenant', await provider.sign({ org: { tenant: 'other' } }), 403, 'forbidden'],
  ] as const)
    t.deepEqual(await get(token), [status, code], name)
  const good = await provider.sign()
  t.deepEqual(await get(`${good.slice(0, -6)}AAAAAA`), [401, 'unauthenticated'])
})

test('a new key of the provider is fetched; while the provider is away known keys work, and unknown keys get 503', async t => {
  const { provider, get } = await start(t)
  const first = await provider.sign()
  t.deepEqual(await get(first), [200, undefined])
  provider.goAway()
  t.deepEqual(await get(await provider.sign()), [200, undefined])
  provider.comeBack()
  await provider.rotate()
  const second = await provider.sign()
  // The key set is fetched again at most every five seconds.
  await until(async () => {
    const [status] = await get(second)
    t.true(status === 200 || status === 401, String(status))
    return status === 200
  })
  t.deepEqual(await get(first), [401, 'unauthenticated'])
})

test('a provider that was never reached gives another answer than an invalid token', async t => {
  const { provider, get } = await start(t)
  provider.goAway()
  t.deepEqual(await get(await provider.sign()), [503, 'identity_provider_unavailable'])
})
