import test from 'ava'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import { storedDocuments } from '../../../test/support/stored-documents.ts'
import { scopes } from '../../domain/tenant.ts'

test('a token has a quota of requests and one of events; every answer shows it, and beyond it 429 says when to come back', async t => {
  const stores = fakeStores()
  const tokens = { ...stores.tokens, byHash: async () => ({ ...storedDocuments.token, scopes }) }
  const { call } = await serveApi(t, { ...stores, tokens, requestsPerMinute: 2, eventsPerMinute: 1 })
  const as = (token: string) => ({ authorization: `Bearer ${token}` })
  const take = async (path: string, headers: object, method = 'GET') => {
    const answer = await call(
      method,
      `/v1/tenants/acme${path}`,
      method === 'GET' ? undefined : { events: [{}] },
      headers,
    )
    const limit = (answer.headers.get('ratelimit') ?? '').replace(/t=(60|59)$/, 't=…')
    return [answer.status, answer.headers.get('ratelimit-policy'), limit]
  }
  const requests = '"requests";q=2;w=60'
  t.deepEqual(await take('/subscriptions', as('a')), [200, requests, '"requests";r=1;t=…'])
  t.deepEqual(await take('/deliveries', as('a')), [200, requests, '"requests";r=0;t=…'])
  t.deepEqual(await take('/subscriptions', as('a')), [429, requests, '"requests";r=0;t=…'])
  t.deepEqual(await take('/events/batch', as('a'), 'POST'), [202, '"events";q=1;w=60', '"events";r=0;t=…'])
  t.deepEqual(await take('/events/batch', as('a'), 'POST'), [429, '"events";q=1;w=60', '"events";r=0;t=…'])
  t.deepEqual(await take('/subscriptions', as('b')), [200, requests, '"requests";r=1;t=…'])
  const refused = await call('GET', '/v1/me', undefined, as('a'))
  t.like(refused.body, { code: 'rate_limited', detail: 'This token may make 2 requests in 60 s, and made more.' })
  t.true([59, 60].includes(Number(refused.headers.get('retry-after'))))
  // The operator has no quota, and open calls count for nobody.
  for (let count = 0; count < 4; count += 1) {
    t.deepEqual(await take('/subscriptions', {}), [200, null, ''])
    t.is((await call('GET', '/v1/event-types', undefined, as('a'))).headers.get('ratelimit'), null)
  }
})
