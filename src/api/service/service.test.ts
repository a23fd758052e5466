import test from 'ava'
import { serveApi } from '../../../test/support/serve-api.ts'

const subscriptions = '/v1/tenants/acme/subscriptions'

test('a process that is not ready names what is missing; without MongoDB a process that accepts events stays ready', async t => {
  const readiness = async (role: 'all' | 'api' | 'worker', checks: Readonly<Record<string, string>>) => {
    const { call } = await serveApi(t, { role, checks: async () => ({ nats: 'ok', mongodb: 'ok', ...checks }) })
    t.is((await call('GET', '/livez')).status, 200)
    const { status, body } = await call('GET', '/readyz')
    return [status, body['status'], body['checks']]
  }
  const away = 'no answer'
  t.deepEqual(await readiness('api', {}), [200, 'ok', { nats: 'ok', mongodb: 'ok' }])
  t.deepEqual(await readiness('api', { mongodb: away }), [200, 'degraded', { nats: 'ok', mongodb: away }])
  t.deepEqual(await readiness('all', { mongodb: away }), [200, 'degraded', { nats: 'ok', mongodb: away }])
  t.deepEqual(await readiness('worker', { mongodb: away }), [503, 'unavailable', { nats: 'ok', mongodb: away }])
  t.deepEqual(await readiness('api', { nats: away }), [503, 'unavailable', { nats: away, mongodb: 'ok' }])
  t.deepEqual(await readiness('api', { nats: away, mongodb: away }), [
    503,
    'unavailable',
    { nats: away, mongodb: away },
  ])
})

test('only the key set and the page may be cached, and the page is revalidated each time', async t => {
  const { call } = await serveApi(t)
  t.is((await call('GET', '/.well-known/jwks.json')).headers.get('cache-control'), 'public, max-age=300')
  for (const path of ['/readyz', '/v1/event-types', subscriptions])
    t.is((await call('GET', path)).headers.get('cache-control'), 'no-store', path)
  t.is((await call('GET', '/')).headers.get('cache-control'), 'no-cache')
  t.true((await call('GET', '/')).headers.get('content-security-policy')?.startsWith("default-src 'none'"))
})
