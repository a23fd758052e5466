import test from 'ava'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'

const tenant = '/v1/tenants/acme'
const thin = ['id', 'sequence', 'timestamp', 'type', 'visitId']
const keysOf = (body: string) => Object.keys(JSON.parse(body) as object).toSorted()

test('a thin subscription gets ids and type alone: at first, by retry, as a test, sent again, replayed, and for what it missed', async t => {
  const doorbell = await startDoorbell(t)
  const { call } = doorbell
  const receiver = await startReceiver(t, ({ index }) => (index === 0 ? 500 : 204))
  const { id } = await subscribe(doorbell, receiver.url, { payload: 'thin', retry: { delaysMs: [100] } })
  await call('POST', `${tenant}/events`, checkIn({ id: 'evt-1' }))
  await rowWhen(doorbell, `evt-1.${id}`)
  t.is((await call('POST', `${tenant}/subscriptions/${id}/test`, {})).status, 200)
  await call('POST', `${tenant}/deliveries/evt-1.${id}/resend`)
  await receiver.count(4)
  await rowWhen(doorbell, `evt-1.${id}`)
  const range = { subscriptionId: id, from: '2026-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }
  await call('POST', `${tenant}/replays`, range)
  await receiver.count(5)
  await call('POST', `${tenant}/subscriptions/${id}/pause`)
  await call('POST', `${tenant}/events`, checkIn({ id: 'evt-2' }))
  await rowWhen(doorbell, `evt-2.${id}`, ({ status }) => status === 'held')
  t.false(
    JSON.stringify(await doorbell.database('deliveries')).includes('Jansen'),
    'a held row keeps no more than it sends',
  )
  await call('POST', `${tenant}/subscriptions/${id}/resume`)
  const arrivals = await receiver.count(6)
  for (const { body } of arrivals) t.deepEqual(keysOf(body), thin)
  const [first, second] = arrivals
  t.is(first?.body, second?.body, 'the same bytes on each attempt')

  const late = await subscribe(doorbell, receiver.url, { payload: 'thin' })
  await call('POST', `${tenant}/replays`, { ...range, subscriptionId: late.id, status: 'missing' })
  for (const { body } of (await receiver.count(8)).slice(6)) t.deepEqual(keysOf(body), thin)
})

test('after a change to thin nothing of what was kept in full goes out; after one to full the stream has the rest', async t => {
  const doorbell = await startDoorbell(t)
  const { call } = doorbell
  const receiver = await startReceiver(t, () => 500)
  const { id } = await subscribe(doorbell, receiver.url, { retry: { delaysMs: [100] } })
  const dead = (attempts: number) =>
    rowWhen(doorbell, `evt-1.${id}`, row => row.status === 'dead' && row.attempts.length === attempts)
  await call('POST', `${tenant}/events`, checkIn({ id: 'evt-1' }))
  await dead(2)
  t.true(receiver.arrivals[0]?.body.includes('Jansen'))
  for (const [payload, attempts] of [
    ['thin', 4],
    ['full', 6],
  ] as const) {
    t.is((await call('PATCH', `${tenant}/subscriptions/${id}`, { payload })).status, 200)
    await call('POST', `${tenant}/deliveries/evt-1.${id}/resend`)
    await dead(attempts)
    t.is(receiver.arrivals.at(-1)?.body.includes('Jansen'), payload === 'full')
  }
})
