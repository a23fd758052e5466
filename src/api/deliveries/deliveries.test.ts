import test from 'ava'
import { serveApi } from '../../../test/support/serve-api.ts'
import { ago, nine, storedDocuments } from '../../../test/support/stored-documents.ts'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { wholeCalls } from '../../../test/support/whole-calls.ts'
import { writeCursor } from '../operation/page.ts'
import { showDelivery } from './wire.ts'

const { delivery, subscription } = storedDocuments

test('the log is read page by page, from the row where the previous page ended', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const { deliveries } = fakeStores()
  const rows = [delivery, { ...delivery, id: 'b', createdAt: ago(22) }, { ...delivery, id: 'c', createdAt: ago(23) }]
  const list = { deliveries: { ...deliveries, list: async ({ limit }: { limit: number }) => rows.slice(0, limit) } }
  const first = (await call('listDeliveries', { query: '?limit=2' }, list)).body as {
    items: { id: string }[]
    next: string
  }
  t.deepEqual(
    first.items.map(({ id }) => id),
    ['event-1.sub_1', 'b'],
  )
  const { calls } = await call('listDeliveries', { query: `?limit=2&cursor=${first.next}` })
  t.deepEqual(calls.at(-1), ['deliveries.list', { tenant: 'acme', before: { createdAt: ago(22), id: 'b' }, limit: 3 }])
  for (const place of ['b', null, 7, { createdAt: '1', id: 'b' }, { createdAt: 1 }, { id: 'b' }])
    t.is((await call('listDeliveries', { query: `?cursor=${writeCursor(place)}` })).status, 400, JSON.stringify(place))
})

test('the answer says how many attempts are no longer kept', t => {
  const attempts = (first: number) => [first, first + 1].map(number => ({ ...attempt, number }))
  const [attempt = { number: 1, at: 1, tookMs: 1, url: '', traceId: '', spanId: '' }] = delivery.attempts
  // An internal count of another meaning stays inside.
  const row = { ...delivery, earlierAttempts: 40 }
  t.is(showDelivery({ ...row, attempts: attempts(51) }, null).attemptsNotKept, 50)
  for (const kept of [attempts(1), []])
    t.false(JSON.stringify(showDelivery({ ...row, attempts: kept }, null)).includes('Kept'))
})

test('a delivery that waits for a time can be sent at once, and one that is over can be sent again', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const { deliveries } = fakeStores()
  const statusOf = async (id: string, change: object) =>
    (await call(id, {}, { deliveries: { ...deliveries, get: async () => ({ ...delivery, ...change }) } })).status
  for (const status of ['delivered', 'dead', 'cancelled']) {
    t.is(await statusOf('resendDelivery', { status, nextAttemptAt: null }), 202, status)
    t.is(await statusOf('cancelDelivery', { status, nextAttemptAt: null }), 409, status)
  }
  for (const status of ['pending', 'held']) {
    t.is(await statusOf('resendDelivery', { status }), 202, status)
    t.is(await statusOf('resendDelivery', { status, nextAttemptAt: null }), 409, status)
    t.is(await statusOf('cancelDelivery', { status, nextAttemptAt: null }), 202, status)
  }
})

test('what is sent again has the payload that the subscription wants now: a thin one never gets the whole event', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const { subscriptions } = fakeStores()
  for (const payload of ['thin', 'full'] as const) {
    const { calls } = await call(
      'resendDelivery',
      {},
      {
        subscriptions: { ...subscriptions, get: async () => ({ ...subscription, payload }) },
      },
    )
    t.deepEqual(
      calls.filter(([name]) => name === 'bodyOf'),
      [['bodyOf', delivery, payload]],
    )
  }
})

test('without Jaeger a row has no links, and a row without content says why', t => {
  const shown = showDelivery({ ...delivery, contentGone: 'erased', nextAttemptAt: null }, null)
  t.false(JSON.stringify(shown).includes('jaeger'))
  t.is(shown.contentGone, 'erased')
  t.false('nextAttemptAt' in shown)
  t.is(shown.updatedAt, new Date(ago(18)).toISOString())
  t.true(nine > ago(18))
})
