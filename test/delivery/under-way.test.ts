import test from 'ava'
import { checkIn, type Doorbell, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'

const path = '/v1/tenants/acme'
const range = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z', status: 'missing' }

interface Account {
  readonly event: { readonly id: string } | null
  readonly deliveries: readonly object[]
  readonly subscriptions: readonly {
    readonly subscriptionId: string
    readonly outcome: string
    readonly explanation: string
  }[]
}
const accountOf = ({ call }: Doorbell, id: string) => call<Account>('GET', `${path}/events/${id}`)
const verdictOf = async (doorbell: Doorbell, event: string, id: string) =>
  (await accountOf(doorbell, event)).body.subscriptions.find(({ subscriptionId }) => subscriptionId === id)
const underWay =
  'The event was accepted and is not processed yet, or its first attempt is under way. Look again in a moment.'

test('an event that no worker has processed has its account: it is accepted, and not processed yet', async t => {
  const receiver = await startReceiver(t)
  const api = await startDoorbell(t, { role: 'api' })
  const { id } = await subscribe(api, receiver.url)
  t.is((await api.call('POST', `${path}/events`, checkIn({ id: 'evt-1' }))).status, 202)
  const { status, body } = await accountOf(api, 'evt-1')
  t.is(status, 200)
  t.is(body.event?.id, 'evt-1')
  t.deepEqual(body.deliveries, [])
  t.like(body.subscriptions, [{ subscriptionId: id, outcome: 'pending', explanation: underWay }])
  t.is((await accountOf(api, 'evt-2')).status, 404)
  t.deepEqual((await api.call('POST', `${path}/replays`, { ...range, subscriptionId: id, dryRun: true })).body, {
    count: 0,
  })
  await startDoorbell(t, { ...api.settings, role: 'worker' })
  await rowWhen(api, `evt-1.${id}`)
  t.is((await verdictOf(api, 'evt-1', id))?.outcome, 'delivered')
})

test('an event under way is not missing: no dry run counts it, no verdict says that a replay sends it, and a replay does not send it twice', async t => {
  const answer = Promise.withResolvers<number>()
  const [slow, quick] = [await startReceiver(t, () => answer.promise), await startReceiver(t)]
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, slow.url, { timeoutMs: 30_000 })
  const { id: other } = await subscribe(doorbell, quick.url)
  await doorbell.call('POST', `${path}/events`, checkIn({ id: 'evt-1' }))
  await slow.count(1)
  await quick.count(1)
  await doorbell.call('PATCH', `${path}/subscriptions/${id}`, { description: 'changed since' })
  const replay = { ...range, subscriptionId: id }
  t.deepEqual((await doorbell.call('POST', `${path}/replays`, { ...replay, dryRun: true })).body, { count: 0 })
  t.like(await verdictOf(doorbell, 'evt-1', id), { outcome: 'pending', explanation: underWay })
  const { body: started } = await doorbell.call('POST', `${path}/replays`, replay)
  const state = async () => (await doorbell.call('GET', `${path}/replays/${String(started['id'])}`)).body
  t.like(await until(state, ({ state: now }) => now === 'done'), { opened: 0, skipped: 0 })
  answer.resolve(204)
  await rowWhen(doorbell, `evt-1.${id}`)
  await doorbell.call('POST', `${path}/events`, checkIn({ id: 'evt-2' }))
  await rowWhen(doorbell, `evt-2.${other}`)
  await rowWhen(doorbell, `evt-2.${id}`)
  t.deepEqual(
    slow.arrivals.map(({ headers }) => headers['webhook-id']),
    ['evt-1', 'evt-2'],
  )
})

test('an event that did not match when it was processed is missing once the subscription was changed, and the verdict says so', async t => {
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, receiver.url, { filter: { site: ['elsewhere'] } })
  await doorbell.call('POST', `${path}/events`, checkIn({ id: 'evt-1' }))
  const mismatch = await until(
    () => verdictOf(doorbell, 'evt-1', id),
    verdict => verdict?.outcome === 'not_matched',
  )
  t.regex(mismatch?.explanation ?? '', /^The subscription’s filter requires site/)
  await doorbell.call('PATCH', `${path}/subscriptions/${id}`, { filter: null })
  const verdict = await until(
    () => verdictOf(doorbell, 'evt-1', id),
    now => now?.outcome === 'not_matched',
  )
  t.is(
    verdict?.explanation,
    'When the event was processed, the subscription did not match it; it matches now. A replay of missing events sends it.',
  )
  t.is((await doorbell.call('POST', `${path}/replays`, { ...range, subscriptionId: id })).status, 202)
  await rowWhen(doorbell, `evt-1.${id}`)
})
