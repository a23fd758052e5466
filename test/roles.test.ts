import test from 'ava'
import { checkIn, rowWhen, startDoorbell, subscribe } from './doorbell.ts'
import { startReceiver } from './receiver.ts'

test('api and worker run apart: one accepts, the other delivers, and a change made at one is in force at the other within a second', async t => {
  const receiver = await startReceiver(t)
  const api = await startDoorbell(t, { role: 'api', publicUrl: 'http://doorbell.test' })
  const worker = await startDoorbell(t, { ...api.settings, role: 'worker' })
  const { id } = await subscribe(api, receiver.url)
  for (let posted = 0, arrived = false; !arrived; posted += 1) {
    await api.call('POST', '/v1/tenants/acme/events', checkIn({ id: `evt-${posted}` }))
    arrived = receiver.arrivals.length > 0
  }
  const [first] = receiver.arrivals
  t.is((await rowWhen(api, `${String(first?.headers['webhook-id'])}.${id}`)).status, 'delivered')
  t.is((await worker.call('POST', '/v1/tenants/acme/events', checkIn())).status, 404)
  t.is((await worker.call('GET', '/readyz')).status, 200)
})
