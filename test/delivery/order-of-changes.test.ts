import test from 'ava'
import { checkIn, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startLink } from '../support/link.ts'
import { startReceiver } from '../support/receiver.ts'
import { mongodbUrl } from '../support/servers.ts'

const path = '/v1/tenants/acme'

for (const delayMs of [10, 100])
  test.serial(
    `a subscription that was created or changed receives the event that is posted next, with a worker ${delayMs} ms away from MongoDB`,
    async t => {
      const link = await startLink(t, mongodbUrl())
      link.slow(delayMs)
      const [api, receiver] = [await startDoorbell(t, { role: 'api' }), await startReceiver(t)]
      await startDoorbell(t, { ...api.settings, role: 'worker', mongodbUrl: link.through(mongodbUrl()) })
      await api.call('PUT', path, { name: 'acme' })
      const post = async (id: string, site: string) => {
        const data = { ...checkIn().data, site }
        t.is((await api.call('POST', `${path}/events`, checkIn({ id, data }))).status, 202)
      }
      const ids: string[] = []
      for (let n = 0; n < 40; n += 1) {
        const { id } = await subscribe(api, receiver.url, { filter: { site: [`new-${n}`] } })
        ids.push(id)
        await post(`new-${n}`, `new-${n}`)
      }
      for (const [n, id] of ids.entries()) {
        const changed = await api.call('PATCH', `${path}/subscriptions/${id}`, { filter: { site: [`other-${n}`] } })
        t.is(changed.status, 200)
        await post(`other-${n}`, `other-${n}`)
      }
      const arrivals = await receiver.count(80)
      const expected = ids.flatMap((_, n) => [`new-${n}`, `other-${n}`])
      t.deepEqual(arrivals.map(({ headers }) => String(headers['webhook-id'])).toSorted(), expected.toSorted())
    },
  )
