import test from 'ava'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startLink } from '../support/link.ts'
import { startReceiver } from '../support/receiver.ts'
import { mongodbUrl } from '../support/servers.ts'
import { until } from '../support/until.ts'

test('a worker that was cut off from MongoDB while subscriptions changed acts on every change, and sends what waited', async t => {
  const link = await startLink(t, mongodbUrl())
  const [before, after] = [await startReceiver(t), await startReceiver(t)]
  const api = await startDoorbell(t, { role: 'api' })
  const worker = await startDoorbell(t, { ...api.settings, role: 'worker', mongodbUrl: link.through(mongodbUrl()) })
  const ids: Record<string, string> = {}
  for (const tenant of ['deleted', 'paused', 'moved', 'neighbour'])
    ids[tenant] = (await subscribe(api, `${before.url}?${tenant}`, {}, tenant)).id
  const post = async (tenant: string, id: string) =>
    t.is((await api.call('POST', `/v1/tenants/${tenant}/events`, checkIn({ id: `${tenant}-${id}` }))).status, 202)
  for (const tenant of Object.keys(ids)) await post(tenant, 'before')
  await before.count(4)

  link.cut()
  const of = (tenant: string) => `/v1/tenants/${tenant}/subscriptions/${ids[tenant]}`
  t.is((await api.call('DELETE', of('deleted'))).status, 204)
  t.is((await api.call('POST', `${of('paused')}/pause`)).status, 200)
  t.is((await api.call('PATCH', of('moved'), { url: `${after.url}?moved` })).status, 200)
  ids['created'] = (await subscribe(api, `${after.url}?created`, {}, 'created')).id
  for (const tenant of Object.keys(ids)) await post(tenant, 'during')
  // The driver looks for a server for 5 s each time: the third failure ends a cut of some 16 s.
  await until(
    () => worker.lines.filter(line => line.includes('subscription changes interrupted')).length >= 3,
    Boolean,
    3_000,
  )
  link.heal()

  const row = (tenant: string, status: string) =>
    rowWhen(api, `${tenant}-during.${ids[tenant]}`, each => each.status === status, tenant)
  for (const tenant of ['created', 'moved', 'neighbour'])
    t.deepEqual(
      (await row(tenant, 'delivered')).attempts.map(({ number }) => number),
      [1],
      tenant,
    )
  t.is((await row('paused', 'held')).reason, 'paused')
  await until(async () => (await api.database('unmatched')).length === 1)
  const idsOf = (receiver: typeof before) => receiver.arrivals.map(({ headers }) => headers['webhook-id']).toSorted()
  t.deepEqual(idsOf(after), ['created-during', 'moved-during'])
  t.deepEqual(
    idsOf(before).filter(id => id?.includes('during') === true),
    ['neighbour-during'],
  )
  t.true(worker.lines.some(line => line.includes('subscriptions are current again')))
})
