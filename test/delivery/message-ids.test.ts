import { jetstream } from '@nats-io/jetstream'
import test from 'ava'
import { connect, headers } from 'nats'
import { checkIn, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'

const tenants = ['acme', 'globex'] as const

test('an event that is published to NATS is delivered once to its tenant, whatever its message id says, or without one', async t => {
  const receivers = { acme: await startReceiver(t), globex: await startReceiver(t) }
  const doorbell = await startDoorbell(t)
  for (const tenant of tenants) await subscribe(doorbell, receivers[tenant].url, {}, tenant)
  const connection = await connect({ servers: doorbell.settings.natsUrl })
  t.teardown(() => connection.close())
  const client = jetstream(connection)
  let count = 0
  /** Returns whether the stream itself took it for a duplicate. */
  const publish = async (tenant: string, id: string, messageId: string | null) => {
    const all = headers()
    if (messageId !== null) all.set('Nats-Msg-Id', messageId)
    const body = JSON.stringify(checkIn({ id, timestamp: new Date(1_772_442_000_000).toISOString() }))
    const subject = `${doorbell.settings.database}.in.${tenant}.visit.checked_in`
    return (await client.publish(subject, body, { headers: all })).duplicate
  }
  const duplicates: boolean[] = []
  // Each three times, the last one when the others have their rows.
  for (const round of [1, 2, 3]) {
    for (const tenant of tenants) {
      duplicates.push(await publish(tenant, 'evt-without', null))
      duplicates.push(await publish(tenant, 'evt-other', `other-${(count += 1)}`))
      const own = await publish(tenant, 'evt-own', `${tenant}:evt-own`)
      t.is(own, round > 1, 'the stream knows the id that the API writes')
    }
    for (const tenant of tenants) await receivers[tenant].count(3)
  }
  t.false(duplicates.includes(true), 'all of these are in the stream')
  for (const tenant of tenants) {
    const posted = await doorbell.call('POST', `/v1/tenants/${tenant}/events`, checkIn({ id: 'evt-own' }))
    t.like(posted, { status: 202, body: { duplicate: true } })
    t.like(await doorbell.call('POST', `/v1/tenants/${tenant}/events`, checkIn({ id: 'evt-without' })), { status: 202 })
    await doorbell.call('POST', `/v1/tenants/${tenant}/events`, checkIn({ id: 'evt-last' }))
  }
  for (const tenant of tenants) {
    await receivers[tenant].count(4)
    const ids = receivers[tenant].arrivals.map(arrival => String(arrival.headers['webhook-id']))
    t.deepEqual(ids.toSorted(), ['evt-last', 'evt-other', 'evt-own', 'evt-without'])
  }
})
