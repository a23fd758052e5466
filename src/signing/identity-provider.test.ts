import { createHmac, type webcrypto } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mock } from 'node:test'
import test, { type ExecutionContext } from 'ava'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { Failure } from '../domain/failure.ts'
import type { IdentityProviderSettings } from '../domain/identity-provider.ts'
import { roles } from '../domain/principal.ts'
import { createIdentityProvider } from './identity-provider.ts'

const nowS = Date.parse('2026-03-02T09:00:00Z') / 1_000

interface Key {
  readonly kid: string
  readonly publicKey: CryptoKey
  readonly privateKey: CryptoKey
}
const makeKey = async (kid: string, alg = 'ES256'): Promise<Key> => ({
  kid,
  ...(await generateKeyPair(alg, { extractable: true })),
})

/** An identity provider whose key set is served over HTTP, and a clock that moves when the test says so. */
const setUp = async (t: ExecutionContext, change: Partial<IdentityProviderSettings> = {}) => {
  mock.timers.enable({ apis: ['Date'], now: nowS * 1_000 })
  t.teardown(() => mock.timers.reset())
  const first = await makeKey('first')
  let keys = [first]
  let fetches = 0
  let fault: ((response: ServerResponse) => void) | null = null
  const server = createServer((_, response) => {
    fetches += 1
    if (fault !== null) return fault(response)
    void Promise.all(keys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid }))).then(all =>
      response.end(JSON.stringify({ keys: all })),
    )
    return undefined
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  const settings: IdentityProviderSettings = {
    issuer: 'https://idp.example',
    audience: 'doorbell',
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    tenantClaim: 'org.tenant',
    roleClaim: 'role',
    operatorRole: 'platform',
    ...change,
  }
  const good = {
    iss: settings.issuer,
    aud: 'doorbell',
    sub: 'user-1',
    exp: nowS + 300,
    org: { tenant: 'acme' },
    role: 'admin',
  }
  const verify = createIdentityProvider(settings)
  return {
    first,
    good,
    verify,
    sign: (claims: JWTPayload & Record<string, unknown> = {}, key = first, alg = 'ES256') =>
      new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg, kid: key.kid }).sign(key.privateKey),
    publish: (...next: Key[]) => void (keys = next),
    break: (how: typeof fault) => void (fault = how),
    fetches: () => fetches,
    pass: (ms: number) => mock.timers.setTime(Date.now() + ms),
  }
}
const codeOf = (verified: Promise<unknown>): Promise<string> =>
  verified.then(
    () => 'accepted',
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  )
const away = (response: ServerResponse) => void response.destroy()

const user = { kind: 'user', id: 'user-1', tenant: 'acme' } as const
const operator = { kind: 'operator', id: 'user-1' } as const

test.serial('the claims of a token decide who the caller is: the tenant, the role, or the operator', async t => {
  const { verify, sign } = await setUp(t)
  for (const [claims, expected] of [
    [{}, { ...user, scopes: roles.admin }],
    [{ role: 'viewer' }, { ...user, scopes: roles.viewer }],
    [{ role: ['other', 'viewer'] }, { ...user, scopes: roles.viewer }],
    [{ role: ['viewer', 'admin'] }, { ...user, scopes: roles.admin }],
    [{ role: 'platform', org: undefined }, operator],
    [{ role: [1, 'platform'] }, operator],
    // A claim with exactly this name comes first.
    [{ 'org.tenant': 'exact' }, { ...user, tenant: 'exact', scopes: roles.admin }],
  ] as const)
    t.deepEqual<object, object>(await verify(await sign(claims)), expected, JSON.stringify(claims))
})

test.serial('a role that no setting names has no rights of the operator', async t => {
  const { verify, sign } = await setUp(t, { operatorRole: null })
  t.is(await codeOf(verify(await sign({ role: 'platform' }))), 'forbidden')
  t.is(await codeOf(verify(await sign({ role: null }))), 'forbidden')
})

test.serial('a token without a valid tenant or role is forbidden, and the message names the claim', async t => {
  const { verify, sign } = await setUp(t)
  for (const [claims, message] of [
    [{ org: {} }, /claim "org\.tenant" does not contain a tenant id/],
    [{ org: null }, /org\.tenant/],
    [{ org: 'acme' }, /org\.tenant/],
    [{ org: { tenant: 7 } }, /org\.tenant/],
    [{ org: { tenant: ['acme'] } }, /org\.tenant/],
    [{ org: { tenant: 'ACME' } }, /org\.tenant/],
    [{ org: { tenant: 'a/b' } }, /org\.tenant/],
    [{ org: { tenant: 'a'.repeat(41) } }, /org\.tenant/],
    [{ role: undefined }, /claim "role" is neither admin nor viewer/],
    [{ role: 'guest' }, /"role"/],
    [{ role: { admin: true } }, /"role"/],
    [{ role: [['admin']] }, /"role"/],
  ] as const)
    await t.throwsAsync(verify(await sign(claims)), { code: 'forbidden', message }, JSON.stringify(claims))
})

test.serial('a claim is what the token contains, never what each object inherits', async t => {
  const { verify, sign } = await setUp(t, { tenantClaim: 'org.constructor.name', roleClaim: 'constructor' })
  t.is(await codeOf(verify(await sign())), 'forbidden')
})

test.serial('a token is valid until it expires and from when it may be used, with 30 s for clocks', async t => {
  const { verify, sign } = await setUp(t)
  for (const [claims, expected] of [
    [{ exp: nowS - 29 }, 'accepted'],
    [{ exp: nowS - 30 }, 'token_expired'],
    [{ nbf: nowS + 30 }, 'accepted'],
    [{ nbf: nowS + 31 }, 'unauthenticated'],
    [{ exp: undefined }, 'unauthenticated'],
    [{ sub: undefined }, 'unauthenticated'],
    [{ iss: 'https://elsewhere.example' }, 'unauthenticated'],
    [{ aud: 'portal' }, 'unauthenticated'],
    [{ aud: ['portal', 'doorbell'] }, 'accepted'],
  ] as const)
    t.is(await codeOf(verify(await sign({ ...claims } as JWTPayload))), expected, JSON.stringify(claims))
  const error = await t.throwsAsync(verify(await sign({ aud: 'portal' })), { message: /claim "aud" is not valid/ })
  t.truthy(error?.cause, 'for the log')
})

test.serial('only asymmetric signatures of today are accepted, by keys of the provider', async t => {
  const { verify, sign, first, good, publish } = await setUp(t)
  const [p384, p521, ed25519, rsa] = [
    await makeKey('p384', 'ES384'),
    await makeKey('p521', 'ES512'),
    await makeKey('ed25519', 'Ed25519'),
    await makeKey('rsa', 'RS256'),
  ]
  const jwk = await exportJWK(rsa.privateKey)
  const rsaAs = async (alg: string) => ({
    ...rsa,
    privateKey: await crypto.subtle.importKey(
      'jwk',
      { ...jwk, key_ops: ['sign'] } as webcrypto.JsonWebKey,
      { name: alg.startsWith('PS') ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: `SHA-${alg.slice(2)}` },
      false,
      ['sign'],
    ),
  })
  publish(first, p384, p521, ed25519, rsa)
  for (const [key, alg, expected] of [
    [first, 'ES256', 'accepted'],
    [p384, 'ES384', 'accepted'],
    [await rsaAs('RS256'), 'RS256', 'accepted'],
    [await rsaAs('PS256'), 'PS256', 'accepted'],
    [ed25519, 'EdDSA', 'accepted'],
    [ed25519, 'Ed25519', 'accepted'],
    [p521, 'ES512', 'unauthenticated'],
    [await rsaAs('RS512'), 'RS512', 'unauthenticated'],
  ] as const)
    t.is(await codeOf(verify(await sign({}, key, alg))), expected, alg)
  t.is(await codeOf(verify(new UnsecuredJWT(good).encode())), 'unauthenticated')
  const head = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'first' })).toString('base64url')
  const payload = Buffer.from(JSON.stringify(good)).toString('base64url')
  const secret = JSON.stringify(await exportJWK(first.publicKey))
  const signature = createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url')
  t.is(await codeOf(verify(`${head}.${payload}.${signature}`)), 'unauthenticated')
  await t.throwsAsync(verify(await sign({}, { ...p384, kid: 'first', privateKey: (await makeKey('x')).privateKey })), {
    code: 'unauthenticated',
    message: /not signed by the identity provider/,
  })
  t.is(await codeOf(verify('no token')), 'unauthenticated')
})

test.serial(
  'the key set is kept for ten minutes; a withdrawn key is refused after that, and a new key found after 5 s',
  async t => {
    const { verify, sign, first, publish, fetches, pass } = await setUp(t)
    const lasting = { exp: nowS + 3_600 }
    const [old, second] = [await sign(lasting), await makeKey('second')]
    const fresh = await sign(lasting, second)
    t.deepEqual([await codeOf(verify(old)), fetches()], ['accepted', 1])
    publish(second)
    pass(4_999)
    t.deepEqual([await codeOf(verify(fresh)), fetches()], ['unauthenticated', 1])
    pass(1)
    t.deepEqual([await codeOf(verify(fresh)), fetches()], ['accepted', 2])
    t.is(await codeOf(verify(old)), 'unauthenticated')
    publish(first)
    pass(600_000 - 1)
    t.deepEqual([await codeOf(verify(fresh)), fetches()], ['accepted', 2])
    pass(1)
    t.deepEqual([await codeOf(verify(fresh)), fetches()], ['unauthenticated', 3])
  },
)

for (const [title, how] of [
  ['drops the connection', away],
  ['answers 500', response => void response.writeHead(500).end()],
  ['answers something else', response => void response.end('<html>')],
  ['answers with JSON that is no key set', response => void response.end('{"error":"maintenance"}')],
] as readonly (readonly [string, (response: ServerResponse) => void])[])
  test.serial(`while the provider ${title}, known keys work, and unknown keys get 503 instead of 401`, async t => {
    const { verify, sign, pass, break: breakIt } = await setUp(t)
    const lasting = { exp: nowS + 7_200 }
    const [known, unknown] = [await sign(lasting), await sign(lasting, await makeKey('unknown'))]
    t.is(await codeOf(verify(known)), 'accepted')
    breakIt(how)
    for (const ms of [5_000, 600_000, 3_000_000]) {
      pass(ms)
      t.is(await codeOf(verify(known)), 'accepted')
      const error = await t.throwsAsync(verify(unknown), { code: 'identity_provider_unavailable' })
      t.truthy(error?.cause, 'for the log')
      t.like(error, { retryAfterS: 5, internal: 'check DOORBELL_IDP_JWKS_URL, and that the provider answers' })
    }
    breakIt(null)
    t.is(await codeOf(verify(unknown)), 'unauthenticated')
  })

test.serial('a provider that was never reached, and one that does not answer within 3 s, get 503', async t => {
  const { verify, sign, break: breakIt } = await setUp(t)
  const token = await sign()
  breakIt(away)
  t.is(await codeOf(verify(token)), 'identity_provider_unavailable')
  const limits: number[] = []
  const timeout = AbortSignal.timeout
  t.teardown(() => (AbortSignal.timeout = timeout))
  AbortSignal.timeout = ms => {
    limits.push(ms)
    return AbortSignal.abort(new DOMException('The operation timed out.', 'TimeoutError'))
  }
  breakIt(() => undefined)
  t.is(await codeOf(verify(token)), 'identity_provider_unavailable')
  t.deepEqual(limits, [3_000])
})
