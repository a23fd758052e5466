import test from 'ava'
import { jetstream } from '@nats-io/jetstream'
import { connect, headers } from 'nats'
import { createVerifier } from 'doorbell/receiver'
import { Webhook } from 'standardwebhooks'
import { openLedger } from '../../src/ledger/ledger.ts'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'

test('a check-in reaches its receiver, verified by JWS and by the standardwebhooks package', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { id, secret } = await subscribe(doorbell, receiver.url, { headers: { 'X-Customer': 'seven' } })
  const accepted = await doorbell.call<{ id: string; duplicate: boolean }>('POST', '/v1/tenants/acme/events', checkIn())
  t.like(accepted, { status: 202, body: { duplicate: false } })

  const [arrival] = await receiver.count(1)
  if (arrival === undefined) return t.fail('nothing arrived')
  const verifier = createVerifier({ issuer: doorbell.service.url, subscriptionId: id, secret })
  const event = await verifier.verify(arrival.headers, arrival.body)
  t.like(event, { id: accepted.body.id, type: 'visit.checked_in', visitId: 'visit-1' })
  t.notThrows(() => new Webhook(secret).verify(arrival.body, arrival.headers as Record<string, string>))
  t.like(arrival.headers, { 'webhook-id': accepted.body.id, 'webhook-attempt': '1', 'x-customer': 'seven' })
  t.is(arrival.headers['traceparent'], undefined, 'a receiver gets no trace context unless it asks for it')
  t.is((await rowWhen(doorbell, `${accepted.body.id}.${id}`)).attempts.length, 1)
})

test('an event that is posted twice, and published once more by hand, is delivered once', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, receiver.url)
  const event = checkIn({ id: 'evt-twice' })
  const answers = [
    await doorbell.call('POST', '/v1/tenants/acme/events', event),
    await doorbell.call('POST', '/v1/tenants/acme/events', event),
  ]
  t.deepEqual(
    answers.map(({ status, body }) => [status, body['duplicate']]),
    [
      [202, false],
      [202, true],
    ],
  )
  await rowWhen(doorbell, `evt-twice.${id}`)

  // The platform's publishers name the bare id, so the stream does not know it; the ledger does.
  const connection = await connect({ servers: doorbell.settings.natsUrl })
  t.teardown(() => connection.close())
  const all = headers()
  all.set('Nats-Msg-Id', 'evt-twice')
  const subject = `${doorbell.settings.database}.in.acme.visit.checked_in`
  const body = { ...event, timestamp: new Date().toISOString() }
  t.false((await jetstream(connection).publish(subject, JSON.stringify(body), { headers: all })).duplicate)
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-after' }))
  await receiver.count(2)
  t.deepEqual(
    receiver.arrivals.map(arrival => arrival.headers['webhook-id']),
    ['evt-twice', 'evt-after'],
  )
})

test('two tenants may use the same event id', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  await subscribe(doorbell, receiver.url, {}, 'one')
  await subscribe(doorbell, receiver.url, {}, 'two')
  for (const tenant of ['one', 'two']) {
    const { body } = await doorbell.call('POST', `/v1/tenants/${tenant}/events`, checkIn({ id: 'same' }))
    t.is(body['duplicate'], false)
  }
  t.is((await receiver.count(2)).length, 2)
})

test('a failed attempt is made again, with the same id and bytes and a new signature', async t => {
  const receiver = await startReceiver(t, ({ index }) => (index < 2 ? 503 : 204))
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, receiver.url, { retry: { delaysMs: [100, 100, 100] } })
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-retry' }))
  const arrivals = await receiver.count(3)
  t.is(new Set(arrivals.map(({ body }) => body)).size, 1)
  t.is(new Set(arrivals.map(arrival => arrival.headers['webhook-jws'])).size, 3)
  t.deepEqual(
    arrivals.map(arrival => arrival.headers['webhook-id']),
    ['evt-retry', 'evt-retry', 'evt-retry'],
  )
  t.deepEqual(
    arrivals.map(arrival => arrival.headers['webhook-attempt']),
    ['1', '2', '3'],
  )
  const row = await rowWhen(doorbell, `evt-retry.${id}`)
  t.deepEqual(
    row.attempts.map(({ status }) => status),
    [503, 503, 204],
  )
})

test('an exhausted delivery is dead, and says so', async t => {
  const receiver = await startReceiver(t, () => 500)
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, receiver.url, { retry: { delaysMs: [100] } })
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-dead' }))
  t.like(await rowWhen(doorbell, `evt-dead.${id}`, ({ status }) => status === 'dead'), { reason: 'exhausted' })
})

test('a batch is accepted one by one: a bad event does not spoil the good ones', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  await subscribe(doorbell, receiver.url)
  const events = [
    checkIn({ id: 'b-1' }),
    checkIn({ id: 'b-1' }),
    { type: 'visit.lost', visitId: 'v', data: {} },
    checkIn({ id: 'b-2' }),
  ]
  const { status, body } = await doorbell.call<{ results: Record<string, unknown>[] }>(
    'POST',
    '/v1/tenants/acme/events/batch',
    { events },
  )
  t.is(status, 202)
  const [first, second, third, fourth] = body.results
  t.deepEqual([first, second].map(result => result?.['duplicate']).toSorted(), [false, true])
  t.like(third, { code: 'unknown_event_type', status: 400 })
  t.deepEqual(fourth, { id: 'b-2', duplicate: false })
  t.is((await receiver.count(2)).length, 2)
})

test('a poison message is kept aside with its reason, and the next one is delivered', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  await subscribe(doorbell, receiver.url)
  const connection = await connect({ servers: doorbell.settings.natsUrl })
  t.teardown(() => connection.close())
  const publish = (body: string | Uint8Array) =>
    jetstream(connection).publish(`${doorbell.settings.database}.in.acme.visit.checked_in`, body)
  await publish('{ not json')
  await publish(new Uint8Array([0xff, 0xfe]))
  await publish(JSON.stringify({ ...checkIn({ id: 'x' }), type: 'visit.created' }))
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-good' }))
  await receiver.count(1)
  const ledger = await openLedger({ url: doorbell.settings.mongodbUrl, database: doorbell.settings.database ?? '' })
  t.teardown(ledger.close)
  const reasons = (await ledger.aside.list(10)).map(({ reason }) => reason.split(':')[0])
  t.deepEqual(reasons.toSorted(), ['invalid_request', 'malformed_json', 'not_utf8'])
  t.regex(doorbell.lines.find(line => line.includes('kept aside')) ?? '', /"traceId":"[0-9a-f]{32}"/)
})

test('a change of a subscription is in force for the next event, and a deleted one gets nothing more', async t => {
  const [before, after] = [await startReceiver(t), await startReceiver(t)]
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, before.url)
  const path = `/v1/tenants/acme/subscriptions/${id}`
  await doorbell.call('PATCH', path, { url: after.url })
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-moved' }))
  await after.count(1)
  t.is(before.arrivals.length, 0)
  t.is((await doorbell.call('DELETE', path)).status, 204)
  const other = await startReceiver(t)
  await subscribe(doorbell, other.url)
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-gone' }))
  await other.count(1)
  t.is(after.arrivals.length, 1)
})

test('deleting a subscription cancels what waits for a retry', async t => {
  const receiver = await startReceiver(t, () => 500)
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, receiver.url, { retry: { delaysMs: [3_600_000] } })
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-waits' }))
  await rowWhen(doorbell, `evt-waits.${id}`, ({ status }) => status === 'pending')
  await doorbell.call('DELETE', `/v1/tenants/acme/subscriptions/${id}`)
  const row = await rowWhen(doorbell, `evt-waits.${id}`, ({ status }) => status === 'cancelled')
  t.is(row.reason, 'subscription_deleted')
})

test('a hanging receiver holds back its own deliveries and no others', async t => {
  const hanging = await startReceiver(t, () => new Promise(() => undefined))
  const healthy = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  await subscribe(doorbell, hanging.url, { maxInFlight: 1, timeoutMs: 30_000 })
  await subscribe(doorbell, healthy.url)
  const events = Array.from({ length: 400 }, (_, index) => checkIn({ id: `evt-${index}` }))
  await doorbell.call('POST', '/v1/tenants/acme/events/batch', { events })
  t.is((await healthy.count(400)).length, 400)
  t.is(hanging.arrivals.length, 1)
})

test('filter and thin payload are enforced', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  await subscribe(doorbell, receiver.url, { filter: { site: ['ghent'] }, payload: 'thin' })
  const data = { ...checkIn().data, site: 'ghent' }
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'elsewhere' }))
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'here', data }))
  const [arrival] = await receiver.count(1)
  t.like(JSON.parse(arrival?.body ?? '{}'), { id: 'here', data: undefined })
})
