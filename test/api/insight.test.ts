import { EventSourceParserStream } from 'eventsource-parser/stream'
import test from 'ava'
import { adminToken, checkIn, type Doorbell, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'

const events = '/v1/tenants/acme/events'

interface Account {
  readonly event: { readonly id: string } | null
  readonly deliveries: readonly object[]
  readonly subscriptions: readonly { subscriptionId: string; outcome: string; explanation: string }[]
}

/** The account of an event, once there is one. */
const accountOf = async ({ call }: Doorbell, id: string): Promise<Account> => {
  const get = () => call<Account>('GET', `${events}/${id}`)
  return (await until(get, ({ status }) => status === 200)).body
}

test('an event shows for every subscription why it was delivered or not, also when none matched', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { call } = doorbell
  const { id: out } = await subscribe({ call }, receiver.url, { eventTypes: ['visit.checked_out'] })
  const { id: elsewhere } = await subscribe({ call }, receiver.url, { filter: { site: ['antwerp'] } })
  await call('POST', events, checkIn({ id: 'unmatched' }))
  const unmatched = await accountOf(doorbell, 'unmatched')
  t.is(unmatched.event?.id, 'unmatched')
  t.is(unmatched.deliveries.length, 0)
  t.like(unmatched.subscriptions[0], {
    subscriptionId: out,
    outcome: 'not_matched',
    explanation: 'The subscription lists visit.checked_out; the event’s type is visit.checked_in.',
  })
  t.like(unmatched.subscriptions[1], { subscriptionId: elsewhere, outcome: 'not_matched' })
  t.regex(unmatched.subscriptions[1]?.explanation ?? '', /filter requires site to be one of: antwerp/)

  const { id: paused } = await subscribe({ call }, receiver.url)
  await call('POST', `/v1/tenants/acme/subscriptions/${paused}/pause`)
  await call('POST', events, checkIn({ id: 'held' }))
  await rowWhen(doorbell, `held.${paused}`, ({ status }) => status === 'held')
  const held = (await accountOf(doorbell, 'held')).subscriptions.find(({ subscriptionId }) => subscriptionId === paused)
  t.like(held, { outcome: 'held' })
  t.regex(held?.explanation ?? '', /paused/)
  const late = (await accountOf(doorbell, 'unmatched')).subscriptions.find(
    ({ subscriptionId }) => subscriptionId === paused,
  )
  t.regex(late?.explanation ?? '', /created after the event/)
  t.is((await call('GET', `${events}/never`)).status, 404)
})

test('the feed has every accepted event once and in order, and waits for the next one', async t => {
  const { call } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  await call('PUT', '/v1/tenants/other', { name: 'Other' })
  const read = async (query: string) =>
    (await call<{ items: { id: string }[]; next: string }>('GET', `${events}?${query}`)).body
  t.deepEqual((await read('limit=2')).items, [])
  for (const id of ['a', 'b', 'c', 'd', 'e']) await call('POST', events, checkIn({ id, visitId: id }))
  await call('POST', '/v1/tenants/other/events', checkIn({ id: 'theirs' }))
  const ids: string[] = []
  let { items, next } = await read('limit=2')
  while (items.length > 0) {
    ids.push(...items.map(({ id }) => id))
    ;({ items, next } = await read(`limit=2&cursor=${next}`))
  }
  t.deepEqual(ids, ['a', 'b', 'c', 'd', 'e'])
  const waiting = read(`waitMs=30000&cursor=${next}`)
  await call('POST', events, checkIn({ id: 'f' }))
  t.deepEqual(
    (await waiting).items.map(({ id }) => id),
    ['f'],
  )
  t.deepEqual((await read('type=visit.checked_out')).items, [])
  t.is((await call('GET', `${events}?type=visit.lost`)).body['code'], 'unknown_event_type')
  for (const place of [
    { sequence: 1.5 },
    { sequence: -1, from: 0 },
    { sequence: 2 ** 60 },
    { from: 9e15 },
    { from: '0' },
    {},
  ]) {
    const cursor = Buffer.from(JSON.stringify(place)).toString('base64url')
    t.is((await call('GET', `${events}?cursor=${cursor}`)).body['code'], 'invalid_request', JSON.stringify(place))
  }
})

test('the live stream has each change of the tenant’s deliveries, and of no other tenant’s', async t => {
  const receiver = await startReceiver(t)
  const { call, service } = await startDoorbell(t)
  const { id } = await subscribe({ call }, receiver.url)
  await subscribe({ call }, receiver.url, {}, 'other')
  const answer = await fetch(`${service.url}/v1/tenants/acme/deliveries/live`, {
    headers: { authorization: `Bearer ${adminToken}` },
  })
  t.regex(answer.headers.get('content-type') ?? '', /^text\/event-stream/)
  const reader = answer.body
    ?.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader()
  for (const tenant of ['other', 'acme']) await call('POST', `/v1/tenants/${tenant}/events`, checkIn())
  const { value: first } = (await reader?.read()) ?? {}
  t.is(first?.event, 'delivery')
  t.like(JSON.parse(first?.data ?? '{}'), { subscriptionId: id, status: 'delivered' })
  await reader?.cancel()
})

test('a process that stops ends its live streams, so it does not wait for their readers', async t => {
  const { service, call } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const answer = await fetch(`${service.url}/v1/tenants/acme/deliveries/live`, {
    headers: { authorization: `Bearer ${adminToken}` },
  })
  await service.stop()
  t.true((await answer.text()).startsWith(': listening'))
})

test('the stats show the last hour by subscription and minute, with failed attempts', async t => {
  const receiver = await startReceiver(t, ({ index }) => (index === 0 ? 500 : 204))
  const doorbell = await startDoorbell(t)
  const { call } = doorbell
  const { id } = await subscribe({ call }, receiver.url, { retry: { delaysMs: [100] } })
  await call('POST', events, checkIn({ id: 'twice' }))
  await rowWhen(doorbell, `twice.${id}`)
  interface Stats {
    readonly items: readonly { readonly attempts: number; readonly buckets: readonly object[] }[]
  }
  const { body: stats } = await until(
    () => call<Stats>('GET', '/v1/tenants/acme/stats'),
    ({ body }) => (body.items[0]?.attempts ?? 0) >= 2,
  )
  t.like(stats.items[0], { subscriptionId: id, attempts: 2, succeeded: 1, failed: 1, successRate: 0.5 })
  t.deepEqual((await call<Stats>('GET', '/v1/tenants/acme/stats?subscriptionId=sub_other')).body.items, [])
})
