import test from 'ava'
import { eventTypes } from '../../config/event-types/index.ts'
import { startService } from '../../src/service/service.ts'
import { checkIn, type Doorbell, memoryLog, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'

const tenants = Array.from({ length: 6 }, (_, n) => `tenant-${n}`)
const sample = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample as { visitor: object }
const visitBy = (id: string) => ({ ...sample, visitor: { ...sample.visitor, id } })

const post = async ({ call }: Doorbell, id: string, visitor = 'anna') => {
  for (const tenant of tenants)
    await call('POST', `/v1/tenants/${tenant}/events`, checkIn({ id, visitId: id, data: visitBy(visitor) }))
}
const feed = async ({ call }: Doorbell, tenant: string) => {
  const { body } = await call<{ items: { id: string }[] }>('GET', `/v1/tenants/${tenant}/events?limit=100`)
  return body.items.map(({ id }) => id)
}
const erased = async ({ call }: Doorbell, tenant: string, visitor: string) => {
  const { headers } = await call('DELETE', `/v1/tenants/${tenant}/visitors/${visitor}`)
  const get = () => call<{ state: string; events: number }>('GET', headers.get('location') ?? '')
  return (await until(get, ({ body }) => body.state === 'done')).body.events
}

for (const [from, to] of [
  [16, 4],
  [4, 16],
] as const)
  test(`from ${from} to ${to} partitions: no event arrives twice, and earlier events stay in the feed, replays, retention and erasure`, async t => {
    const begun = new Date().toISOString()
    const receiver = await startReceiver(t)
    const first = await startDoorbell(t, { partitions: from, publicUrl: 'http://doorbell.test' })
    const subscriptions = new Map<string, string>()
    for (const tenant of tenants) subscriptions.set(tenant, (await subscribe(first, receiver.url, {}, tenant)).id)
    const delivered = async (doorbell: Doorbell, id: string) => {
      for (const tenant of tenants)
        await rowWhen(doorbell, `${id}.${String(subscriptions.get(tenant))}`, undefined, tenant)
    }
    const refused = t.throwsAsync(startService({ ...first.settings, partitions: to }, memoryLog().log))
    await post(first, 'before-anna')
    await post(first, 'before-bob', 'bob')
    await delivered(first, 'before-anna')
    await delivered(first, 'before-bob')
    t.regex((await refused)?.message ?? '', /workers run/)
    await first.service.stop()

    const doorbell = await startDoorbell(t, { ...first.settings, partitions: to })
    const again = await t.throwsAsync(startService(first.settings, memoryLog().log), { code: 'invalid_settings' })
    t.regex(again?.message ?? '', new RegExp(`DOORBELL_PARTITIONS=${to}`))
    await post(doorbell, 'after')
    await delivered(doorbell, 'after')
    t.is(receiver.arrivals.length, 3 * tenants.length)
    for (const tenant of tenants) t.deepEqual(await feed(doorbell, tenant), ['before-anna', 'before-bob', 'after'])

    const range = { from: begun, to: new Date(Date.now() + 1_000).toISOString() }
    const late = await startReceiver(t)
    for (const tenant of tenants) {
      const replays = `/v1/tenants/${tenant}/replays`
      const { id } = await subscribe(doorbell, late.url, {}, tenant)
      const missing = { subscriptionId: id, ...range, status: 'missing' }
      t.deepEqual((await doorbell.call('POST', replays, { ...missing, dryRun: true })).body, { count: 3 })
      t.is((await doorbell.call('POST', replays, missing)).status, 202)
      const all = { subscriptionId: subscriptions.get(tenant), ...range }
      t.is((await doorbell.call('POST', replays, all)).status, 202)
    }
    await late.count(3 * tenants.length)
    await receiver.count(6 * tenants.length)

    for (const tenant of tenants) {
      t.is(await erased(doorbell, tenant, 'bob'), 1)
      t.deepEqual(await feed(doorbell, tenant), ['before-anna', 'after'])
    }
    t.is(late.arrivals.length, 3 * tenants.length)
    t.is(receiver.arrivals.length, 6 * tenants.length)
  })
