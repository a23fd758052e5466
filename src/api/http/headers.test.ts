import test from 'ava'
import { serveApi } from '../../../test/support/serve-api.ts'

const names = [
  'x-content-type-options',
  'cache-control',
  'referrer-policy',
  'content-security-policy',
  'strict-transport-security',
]

test('every answer has the headers that keep browsers from guessing, caching, framing and leaking', async t => {
  const common = ['nosniff', 'no-store', 'no-referrer', "default-src 'none'; frame-ancestors 'none'"]
  const headersOf = async (publicUrl: string, path: string) => {
    const { headers } = await (await serveApi(t, { publicUrl })).call('GET', path)
    return names.map(name => headers.get(name))
  }
  t.deepEqual(await headersOf('https://doorbell.test', '/v1/me'), [...common, 'max-age=31536000'])
  t.deepEqual(await headersOf('https://doorbell.test', '/v1/nothing'), [...common, 'max-age=31536000'])
  t.deepEqual(await headersOf('http://127.0.0.1', '/v1/me'), [...common, null])
})

test('only pages of the origins that the operator configured may call the API; * allows every origin', async t => {
  const preflight = async (corsOrigins: readonly string[], origin: string, method = 'OPTIONS') => {
    const { url } = await serveApi(t, { corsOrigins })
    const { headers } = await fetch(`${url}/v1/me`, {
      method,
      headers: { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'if-match' },
    })
    return [...headers].filter(([name]) => name.startsWith('access-control'))
  }
  const portal = 'https://portal.example.com'
  const allowed = [
    ['access-control-allow-headers', 'authorization,content-type,if-match,idempotency-key,traceparent'],
    ['access-control-allow-methods', 'GET,POST,PUT,PATCH,DELETE'],
    ['access-control-allow-origin', portal],
    ['access-control-max-age', '600'],
  ]
  t.deepEqual(await preflight(['https://other.example', portal], portal), allowed)
  t.deepEqual(await preflight(['*'], portal), allowed)
  t.deepEqual(await preflight([portal], 'https://elsewhere.example'), [])
  t.deepEqual(await preflight([], portal), [])
  // A refusal too, so that the page sees the problem.
  t.deepEqual(await preflight([portal], portal, 'GET'), [
    ['access-control-allow-origin', portal],
    ['access-control-expose-headers', 'etag,location,retry-after,ratelimit,ratelimit-policy,idempotency-replayed'],
  ])
})
