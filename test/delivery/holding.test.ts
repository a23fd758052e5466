import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'
import { openLedger } from '../../src/ledger/ledger.ts'
import { checkIn, type Doorbell, type Row, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'

const events = '/v1/tenants/acme/events'
const pathOf = (id: string) => `/v1/tenants/acme/subscriptions/${id}`
const isHeld = ({ status }: Row) => status === 'held'

/** An endpoint that answers a challenge, and keeps the ids of events. */
const startVerifiable = async (t: ExecutionContext) => {
  const ids: string[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { id, challenge } = (await json(request)) as { id: string; challenge?: string }
    if (challenge !== undefined) return response.end(JSON.stringify({ challenge }))
    if (request.headers['webhook-test'] === undefined) ids.push(id)
    return response.writeHead(204).end()
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  return { ids, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` }
}

test('once verification is required, an endpoint that was never verified receives nothing until it is', async t => {
  const doorbell = await startDoorbell(t)
  const [unverified, neighbour] = [await startVerifiable(t), await startReceiver(t)]
  const { id } = await subscribe(doorbell, unverified.url)
  const { id: other } = await subscribe(doorbell, neighbour.url)
  const changed = await doorbell.call('PATCH', pathOf(id), { requireVerification: true })
  t.like(changed.body, { status: 'paused', verification: { state: 'unverified' } })
  await doorbell.call('POST', events, checkIn({ id: 'evt-1' }))
  await rowWhen(doorbell, `evt-1.${id}`, isHeld)
  await rowWhen(doorbell, `evt-1.${other}`)
  t.like(await doorbell.call('POST', `${pathOf(id)}/resume`), { status: 409, body: { code: 'conflict' } })
  t.deepEqual(unverified.ids, [])

  t.like((await doorbell.call('POST', `${pathOf(id)}/verify`)).body, { status: 'active' })
  await rowWhen(doorbell, `evt-1.${id}`)
  t.true(unverified.ids.includes('evt-1'))
})

const withOpenCircuit = async (t: ExecutionContext, { settings }: Doorbell, subscriptionId: string) => {
  const ledger = await openLedger({ url: settings.mongodbUrl, database: settings.database })
  t.teardown(ledger.close)
  const now = Date.now()
  const circuit = { phase: 'open', since: now, until: now + 600_000, times: 5, reason: 'It fails.' } as const
  await ledger.health.put({ subscriptionId, circuit, failingSince: now, notices: 0, gone: 0, updatedAt: now })
}

test('resuming without what was missed drops what that pause held, and not what waits for a circuit', async t => {
  const doorbell = await startDoorbell(t)
  const receiver = await startReceiver(t)
  const { id } = await subscribe(doorbell, receiver.url)
  await withOpenCircuit(t, doorbell, id)
  const held = async (eventId: string) => {
    await doorbell.call('POST', events, checkIn({ id: eventId }))
    return (await rowWhen(doorbell, `${eventId}.${id}`, isHeld)).reason
  }
  const resume = async () => (await doorbell.call('POST', `${pathOf(id)}/resume`, { catchUp: false })).body
  t.deepEqual([await held('circuit-1'), await held('circuit-2')], ['circuit_open', 'circuit_open'])
  t.like(await resume(), { status: 'active', skipped: 0, held: 2 }, 'it was not paused')
  await doorbell.call('POST', `${pathOf(id)}/pause`)
  t.is(await held('paused'), 'paused')
  t.like(await resume(), { status: 'active', skipped: 1 })
  await rowWhen(doorbell, `paused.${id}`, ({ status }) => status === 'cancelled')
  for (const eventId of ['circuit-1', 'circuit-2']) {
    // Resuming is a new chance: the circuit begins closed.
    await rowWhen(doorbell, `${eventId}.${id}`)
  }
  t.deepEqual(receiver.arrivals.map(({ headers }) => headers['webhook-id']).toSorted(), ['circuit-1', 'circuit-2'])
})
