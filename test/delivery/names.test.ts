import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startNameServer } from '../support/name-server.ts'
import { startReceiver } from '../support/receiver.ts'

test('names whose servers never answer fail as names, and no other endpoint is blamed for them', async t => {
  const receiver = await startReceiver(t)
  const { port } = new URL(receiver.url)
  const names = await startNameServer(t, name => (name === 'good.example' ? ['127.0.0.1'] : 'silence'))
  const doorbell = await startDoorbell(t, { egressDns: [names.address] })
  const good = await subscribe(doorbell, `http://good.example:${port}/hook`)
  const lost = []
  for (const n of [0, 1, 2]) lost.push(await subscribe(doorbell, `http://hang${n}.example:${port}/hook`, {}, 'lost'))
  for (let n = 0; n < 20; n += 1)
    await doorbell.call('POST', '/v1/tenants/lost/events', checkIn({ id: `lost-${n}`, visitId: `lost-${n}` }))
  for (let n = 0; n < 5; n += 1)
    await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: `good-${n}`, visitId: `good-${n}` }))
  await receiver.count(5)
  for (let n = 0; n < 5; n += 1) {
    const { status, attempts } = await rowWhen(doorbell, `good-${n}.${good.id}`)
    t.deepEqual([status, attempts.length], ['delivered', 1])
  }
  for (const { id } of lost) {
    const { attempts } = await rowWhen(doorbell, `lost-0.${id}`, row => row.attempts.length > 0, 'lost')
    t.is(attempts[0]?.error, 'dns')
  }
})

/** A receiver at this address of the machine; `ids` holds what arrived. */
const receiveAt = async (t: ExecutionContext, address: string, port = 0) => {
  const ids: unknown[] = []
  const server: Server = createServer((request, response) => {
    ids.push(request.headers['webhook-id'])
    request.resume().once('end', () => response.writeHead(204).end())
  })
  await new Promise<void>(resolve => server.listen(port, address, resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  return { ids, port: (server.address() as AddressInfo).port }
}

test('an endpoint whose name moves to another address is followed while events flow, and none is lost', async t => {
  const old = await receiveAt(t, '127.0.0.1')
  const moved = await receiveAt(t, '127.0.0.2', old.port)
  let address = '127.0.0.1'
  const names = await startNameServer(t, () => [address], { ttlS: 1 })
  const doorbell = await startDoorbell(t, { egressDns: [names.address], connectionMaxAgeSeconds: 1 })
  const { id } = await subscribe(doorbell, `http://moving.example:${old.port}/hook`)
  let posted = 0
  const postOne = async () => {
    const eventId = `evt-${posted++}`
    await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: eventId, visitId: eventId }))
    const { status, attempts } = await rowWhen(doorbell, `${eventId}.${id}`)
    t.deepEqual([status, attempts.length], ['delivered', 1])
  }
  while (old.ids.length < 5) await postOne()
  address = '127.0.0.2'
  // The connection is always in use. With the lifetime of the name and the age of the connection, two seconds pass before it is replaced.
  while (moved.ids.length < 5 && posted < 1_000) await postOne()
  const atOld = old.ids.length
  while (moved.ids.length < 30 && posted < 1_000) await postOne()
  t.is(moved.ids.length, 30, 'the new address is used')
  t.is(old.ids.length, atOld, 'nothing reaches the old address any more')
  t.is(new Set([...old.ids, ...moved.ids]).size, posted)
  t.is(old.ids.length + moved.ids.length, posted)
})
