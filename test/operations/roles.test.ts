import test from 'ava'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'

test('api and worker run apart: one accepts, the other delivers, and a change made at one is in force at the other within a second', async t => {
  const receiver = await startReceiver(t)
  const api = await startDoorbell(t, { role: 'api', publicUrl: 'http://doorbell.test' })
  const worker = await startDoorbell(t, { ...api.settings, role: 'worker' })
  const { id } = await subscribe(api, receiver.url)
  await until(async () => {
    await api.call('POST', '/v1/tenants/acme/events', checkIn())
    return receiver.arrivals.length > 0
  })
  const [first] = receiver.arrivals
  t.is((await rowWhen(api, `${String(first?.headers['webhook-id'])}.${id}`)).status, 'delivered')
  t.is((await worker.call('POST', '/v1/tenants/acme/events', checkIn())).status, 404)
  t.is((await worker.call('GET', '/readyz')).status, 200)
})

test('a token that is revoked at one process is refused at another at once, and its live streams there end', async t => {
  const here = await startDoorbell(t, { role: 'api', publicUrl: 'http://doorbell.test' })
  const there = await startDoorbell(t, { ...here.settings, role: 'api' })
  await here.call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const scopes = ['deliveries:read']
  const newToken = async () =>
    (await here.call<{ id: string; token: string }>('POST', '/v1/tenants/acme/tokens', { scopes })).body
  const [revoked, other] = [await newToken(), await newToken()]
  const status = async ({ token }: { token: string }) =>
    (await there.call('GET', '/v1/me', undefined, { authorization: `Bearer ${token}` })).status
  const follow = async ({ token }: { token: string }) => {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`${there.service.url}/v1/tenants/acme/deliveries/live`, { headers })
    return answer.text()
  }
  const following = follow(revoked)
  let otherEnded = false
  void follow(other).then(
    () => (otherEnded = true),
    () => (otherEnded = true),
  )
  // The other process has looked both up now, and remembers them.
  t.deepEqual([await status(revoked), await status(other)], [200, 200])

  const since = performance.now()
  t.is((await here.call('DELETE', `/v1/tenants/acme/tokens/${revoked.id}`)).status, 204)
  await until(async () => (await status(revoked)) !== 200)
  const tookMs = performance.now() - since
  t.true(tookMs < 4_000, `it is remembered for 5 s, and was refused after ${Math.round(tookMs)} ms`)
  t.regex(await following, /listening/)
  t.is(await status(other), 200)
  t.false(otherEnded)
})
