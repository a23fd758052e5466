import { jetstreamManager } from '@nats-io/jetstream'
import test from 'ava'
import { connect } from 'nats'
import { checkIn, type Doorbell, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { natsUrl } from '../support/servers.ts'
import { until } from '../support/until.ts'

const path = '/v1/tenants/acme'
const post = ({ call }: Doorbell, id: string, tenant = 'acme') =>
  call('POST', `/v1/tenants/${tenant}/events`, checkIn({ id }))
const isUnmatched = ({ database }: Doorbell, id: string) =>
  until(async () => (await database('unmatched')).some(row => (row as { eventId: string }).eventId === id))
const verdictOf = async ({ call }: Doorbell, event: string) =>
  (await call<{ subscriptions: { outcome: string; explanation: string }[] }>('GET', `${path}/events/${event}`)).body
    .subscriptions[0]

test('an event that matched nothing is not sent to a subscription that was created later, also when all consumers are lost', async t => {
  const receiver = await startReceiver(t)
  const first = await startDoorbell(t)
  await first.call('PUT', path, { name: 'acme' })
  await post(first, 'evt-old')
  await isUnmatched(first, 'evt-old')
  const { id } = await subscribe(first, receiver.url)
  const { id: neighbour } = await subscribe(first, receiver.url, {}, 'globex')
  await post(first, 'evt-between', 'globex')
  await rowWhen(first, `evt-between.${neighbour}`, undefined, 'globex')
  await first.service.stop()

  const connection = await connect({ servers: natsUrl() })
  const manager = await jetstreamManager(connection)
  const { database } = first.settings
  for await (const { name } of manager.consumers.list(database)) await manager.consumers.delete(database, name)
  await connection.close()

  const again = await startDoorbell(t, first.settings)
  await post(again, 'evt-new')
  await rowWhen(again, `evt-new.${id}`)
  const arrived = receiver.arrivals.map(({ headers }) => headers['webhook-id'])
  t.deepEqual(arrived, ['evt-between', 'evt-new'])
  t.is((await again.call('GET', `${path}/deliveries/evt-old.${id}`)).status, 404)
  t.deepEqual(await verdictOf(again, 'evt-old'), {
    subscriptionId: id,
    url: receiver.url,
    outcome: 'not_matched',
    explanation: 'The subscription was created after the event. A replay of missing events sends it.',
  })
})

test('events that waited while no worker ran are not sent to a subscription that was created in the meantime; a replay of missing events sends them', async t => {
  const receiver = await startReceiver(t)
  const api = await startDoorbell(t, { role: 'api' })
  const { id: older } = await subscribe(api, `${receiver.url}?older`)
  for (const id of ['evt-1', 'evt-2', 'evt-3']) t.is((await post(api, id)).status, 202)
  const { id: younger } = await subscribe(api, `${receiver.url}?younger`)
  await post(api, 'evt-4')
  await startDoorbell(t, { ...api.settings, role: 'worker' })
  await rowWhen(api, `evt-4.${younger}`)
  await rowWhen(api, `evt-4.${older}`)
  const { body } = await api.call<{ items: { eventId: string }[] }>(
    'GET',
    `${path}/deliveries?subscriptionId=${younger}`,
  )
  t.deepEqual(
    body.items.map(({ eventId }) => eventId),
    ['evt-4'],
  )
  await receiver.count(5)
  const replay = {
    subscriptionId: younger,
    from: '2020-01-01T00:00:00Z',
    to: '2100-01-01T00:00:00Z',
    status: 'missing',
  }
  const dry = await until(
    () => api.call('POST', `${path}/replays`, { ...replay, dryRun: true }),
    answer => answer.body['count'] === 3,
  )
  t.is(dry.status, 200)
  t.is((await api.call('POST', `${path}/replays`, replay)).status, 202)
  await receiver.count(8)
})

test('control messages are no events: neither the feed, nor a count, nor what is set aside shows them, whatever a publisher writes there', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, receiver.url)
  await doorbell.call('PATCH', `${path}/subscriptions/${id}`, { maxInFlight: 3 })
  const { database } = doorbell.settings
  const connection = await connect({ servers: natsUrl() })
  t.teardown(() => connection.close())
  for (const tenant of ['acme', 'nobody'])
    for (const [type, text] of [
      ['configured', `{"id":"sub_unknown","version":7}`],
      ['configured', 'visitor: nobody'],
      ['configured', new Uint8Array([0xff, 0xfe])],
      ['mark', ''],
      ['surprise', '{}'],
    ] as const)
      await connection.request(`${database}.in.${tenant}.doorbell.${type}`, text)
  await post(doorbell, 'evt-1')
  await rowWhen(doorbell, `evt-1.${id}`)
  const feed = await doorbell.call<{ items: { id: string }[] }>('GET', `${path}/events`)
  t.deepEqual(
    feed.body.items.map(each => each.id),
    ['evt-1'],
  )
  t.deepEqual(await doorbell.database('aside'), [])
  t.deepEqual(await doorbell.database('unmatched'), [])
  const range = { subscriptionId: id, from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z', status: 'missing' }
  t.deepEqual((await doorbell.call('POST', `${path}/replays`, { ...range, dryRun: true })).body, { count: 0 })
  const manager = await jetstreamManager(connection)
  const open = async () => {
    let count = 0
    for await (const { num_pending, num_ack_pending } of manager.consumers.list(database))
      count += num_pending + num_ack_pending
    return count
  }
  t.is(await until(open, count => count === 0), 0)
})
