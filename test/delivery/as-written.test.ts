import { jetstream } from '@nats-io/jetstream'
import test from 'ava'
import fc from 'fast-check'
import { connect } from 'nats'
import { adminToken, checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'

const tenant = '/v1/tenants/acme'
const numbers =
  '"cardNo":12345678901234567890,"n":9007199254740993,"t":1e400,"price":1.50,"nothing":-0,"list":[1.0,{"a":2E3}]'
const sample = JSON.stringify(checkIn().data).slice(1)
const eventOf = (id: string, fields: string) =>
  `{"id":"${id}","type":"visit.checked_in","visitId":"v","data":{${fields},${sample}}`

test('numbers reach the receiver as their publisher wrote them: posted, in a batch, from the stream, filtered and replayed', async t => {
  const doorbell = await startDoorbell(t)
  const { call } = doorbell
  const receiver = await startReceiver(t)
  const { id } = await subscribe(doorbell, receiver.url, { filter: { price: [1.5] } })
  t.is((await call('POST', `${tenant}/events`, eventOf('posted', numbers))).status, 202)
  t.is((await call('POST', `${tenant}/events/batch`, `{"events":[${eventOf('batched', numbers)}]}`)).status, 202)
  const connection = await connect({ servers: doorbell.settings.natsUrl })
  t.teardown(() => connection.close())
  const subject = `${doorbell.settings.database}.in.acme.visit.checked_in`
  await jetstream(connection).publish(subject, eventOf('published', numbers))
  for (const event of ['posted', 'batched', 'published']) await rowWhen(doorbell, `${event}.${id}`)
  const range = { subscriptionId: id, from: '2026-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }
  await call('POST', `${tenant}/replays`, range)
  for (const { body } of await receiver.count(6)) t.true(body.includes(numbers), body)
  const authorization = `Bearer ${adminToken}`
  const shown = await fetch(`${doorbell.service.url}${tenant}/events/posted`, { headers: { authorization } })
  t.true((await shown.text()).includes(numbers), 'the API shows it so, too')
})

test('a name that stands twice in an event is refused with its place, since one of its values would be lost', async t => {
  const doorbell = await startDoorbell(t)
  const receiver = await startReceiver(t)
  await subscribe(doorbell, receiver.url)
  const { status, body } = await doorbell.call<{ code: string; errors: readonly { pointer: string }[] }>(
    'POST',
    `${tenant}/events`,
    eventOf('twice', '"lane":"one","lane":"two"'),
  )
  t.deepEqual([status, body.code, body.errors.map(({ pointer }) => pointer)], [400, 'invalid_request', ['/data/lane']])
})

test('any JSON in an event reaches the receiver with the values that were posted', async t => {
  const doorbell = await startDoorbell(t)
  const receiver = await startReceiver(t)
  await subscribe(doorbell, receiver.url)
  const values = fc.sample(fc.json({ maxDepth: 3 }), 40)
  const events = values.map((value, index) => eventOf(`e-${index}`, `"any":${value}`))
  t.is((await doorbell.call('POST', `${tenant}/events/batch`, `{"events":[${events.join(',')}]}`)).status, 202)
  const bodies = new Map(
    (await receiver.count(values.length)).map(({ headers, body }) => [headers['webhook-id'], body]),
  )
  for (const [index, value] of values.entries())
    t.true(bodies.get(`e-${index}`)?.includes(`"any":${JSON.stringify(JSON.parse(value))},`), value)
})
