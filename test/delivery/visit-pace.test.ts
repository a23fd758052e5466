import test from 'ava'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'

const events = '/v1/tenants/acme/events'

test('a receiver that publishes an event for each webhook does not cause webhooks for ever, and other visits go on', async t => {
  const doorbell = await startDoorbell(t, { eventsPerVisit: 20 })
  const refused = Promise.withResolvers<{ status: number; body: Record<string, unknown>; headers: Headers }>()
  const receiver = await startReceiver(t, async ({ body }) => {
    const { visitId } = JSON.parse(body) as { visitId: string }
    if (visitId === 'visit-1') {
      const answer = await doorbell.call('POST', events, checkIn())
      if (answer.status !== 202) refused.resolve(answer)
    }
    return 204
  })
  const { id } = await subscribe(doorbell, receiver.url)
  await doorbell.call('POST', events, checkIn())
  const { status, body, headers } = await refused.promise
  t.like([status, body], [429, { code: 'rate_limited' }])
  t.regex(String(body['detail']), /publishes an event for each webhook/)
  t.true(Number(headers.get('retry-after')) > 3_000)

  const neighbour = await doorbell.call<{ id: string }>('POST', events, checkIn({ visitId: 'visit-2' }))
  await rowWhen(doorbell, `${neighbour.body.id}.${id}`)
  t.is(receiver.arrivals.length, 21)
  const warned = doorbell.lines.filter(line => line.includes('a visit has too many events'))
  t.is(warned.length, 1)
  t.like(JSON.parse(warned[0] ?? ''), { tenant: 'acme', visitId: 'visit-1', limit: 20 })
})
