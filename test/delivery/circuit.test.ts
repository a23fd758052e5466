import test from 'ava'
import type { SubscriptionHealth } from '../../src/domain/health.ts'
import { onDatabase } from '../support/databases.ts'
import { checkIn, type Doorbell, type Row, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'

const events = '/v1/tenants/acme/events'
const pathOf = (id: string) => `/v1/tenants/acme/subscriptions/${id}`
const minute = 60_000

/** What a worker that ended has left of an endpoint’s circuit. */
const leave = ({ settings }: Doorbell, id: string, circuit: SubscriptionHealth['circuit'], failingSince: number) =>
  onDatabase(settings.database, db =>
    db
      .collection<{ _id: string }>('health')
      .replaceOne({ _id: id }, { circuit, failingSince, notices: 1, gone: 0, updatedAt: failingSince } as never, {
        upsert: true,
      }),
  )

const shown = async ({ call }: Doorbell, id: string) => (await call('GET', pathOf(id))).body

test('a circuit that is half-open with nothing to send is closed after a restart', async t => {
  const before = await startDoorbell(t)
  const receiver = await startReceiver(t)
  const { id } = await subscribe(before, receiver.url)
  const { id: waiting } = await subscribe(before, receiver.url)
  await before.service.stop()
  const since = Date.now() - 11 * minute
  await leave(before, id, { phase: 'half-open', since, until: null, times: 1, reason: 'It failed.' }, since)
  const until10 = Date.now() + 10 * minute
  await leave(before, waiting, { phase: 'open', since, until: until10, times: 5, reason: 'It failed.' }, since)
  const doorbell = await startDoorbell(t, before.settings)
  await until(
    () => shown(doorbell, id),
    body => body['circuit'] === 'closed',
  )
  t.like(await shown(doorbell, waiting), { circuit: 'open' }, 'its wait is not over')
})

test('after a test event that succeeded an endpoint is no longer failing, and gets what was held for it', async t => {
  const doorbell = await startDoorbell(t)
  const receiver = await startReceiver(t)
  const { id } = await subscribe(doorbell, receiver.url)
  const since = Date.now() - minute
  await leave(doorbell, id, { phase: 'open', since, until: since + 11 * minute, times: 5, reason: 'It failed.' }, since)
  await doorbell.call('POST', events, checkIn({ id: 'evt-1' }))
  const isHeld = ({ status }: Row) => status === 'held'
  t.is((await rowWhen(doorbell, `evt-1.${id}`, isHeld)).reason, 'circuit_open')
  t.like((await doorbell.call('POST', `${pathOf(id)}/test`)).body, { status: 'delivered' })
  await rowWhen(doorbell, `evt-1.${id}`)
  const body = await until(
    () => shown(doorbell, id),
    each => each['failingSince'] === undefined,
  )
  t.is(body['circuit'], 'half-open', 'two of three successes: it closes a minute later')
  await doorbell.call('POST', events, checkIn({ id: 'evt-2' }))
  await until(
    () => shown(doorbell, id),
    each => each['circuit'] === 'closed',
  )
})
