import test from 'ava'
import { serveApi } from '../../../test/support/serve-api.ts'

const subscriptions = '/v1/tenants/acme/subscriptions'

test('a process stays ready while a server that all share is away or lacks something, and is not when the fault is its own', async t => {
  const readiness = async (role: 'all' | 'api' | 'worker', checks: Readonly<Record<string, string>>) => {
    const ok = { nats: 'ok', mongodb: 'ok', process: 'ok' }
    const { call } = await serveApi(t, { role, checks: async () => ({ ...ok, ...checks }) })
    t.is((await call('GET', '/livez')).status, 200)
    const { status, body } = await call('GET', '/readyz')
    t.deepEqual(body['checks'], { ...ok, ...checks })
    return [status, body['status']]
  }
  const away = 'no answer'
  for (const role of ['all', 'api', 'worker'] as const) {
    t.deepEqual(await readiness(role, {}), [200, 'ok'])
    t.deepEqual(await readiness(role, { mongodb: away }), [200, 'degraded'])
    t.deepEqual(await readiness(role, { nats: away, mongodb: away }), [200, 'degraded'])
    t.deepEqual(await readiness(role, { 'stream VISITS': 'is sealed' }), [200, 'degraded'])
    t.deepEqual(await readiness(role, { process: 'is stopping' }), [503, 'unavailable'])
    t.deepEqual(await readiness(role, { nats: away, process: 'is stopping' }), [503, 'unavailable'])
  }
})

test('only the key set and the page may be cached, and the page is revalidated each time', async t => {
  const { call } = await serveApi(t)
  t.is((await call('GET', '/.well-known/jwks.json')).headers.get('cache-control'), 'public, max-age=300')
  for (const path of ['/readyz', '/v1/event-types', subscriptions])
    t.is((await call('GET', path)).headers.get('cache-control'), 'no-store', path)
  t.is((await call('GET', '/')).headers.get('cache-control'), 'no-cache')
  t.true((await call('GET', '/')).headers.get('content-security-policy')?.startsWith("default-src 'none'"))
})
