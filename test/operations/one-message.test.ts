import { mock } from 'node:test'
import test from 'ava'
import { headers } from 'nats'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { rawConnection } from '../support/test-stream.ts'
import { until } from '../support/until.ts'

interface Aside {
  readonly tenant: string
  readonly reason: string
}

test.serial(
  'an event on the subject of a tenant that no API call would allow is set aside, and the process, the API and all other tenants go on',
  async t => {
    const kill = mock.method(process, 'kill', () => true)
    t.teardown(() => kill.mock.restore())
    const receiver = await startReceiver(t)
    const doorbell = await startDoorbell(t, { partitions: 1 })
    const { id } = await subscribe(doorbell, receiver.url)
    const { connection } = await rawConnection(t)
    const event = { ...checkIn({ id: 'evt-odd' }), timestamp: new Date().toISOString() }
    for (const tenant of ['ACME', 'no_tenant', 'x'.repeat(41)]) {
      const named = headers()
      named.set('Nats-Msg-Id', `${tenant}:evt-odd`)
      const subject = `${doorbell.settings.database}.in.${tenant}.visit.checked_in`
      await connection.request(subject, JSON.stringify(event), { headers: named, timeout: 5_000 })
    }
    t.is((await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-1' }))).status, 202)
    await rowWhen(doorbell, `evt-1.${id}`)
    const aside = await until(
      async () => (await doorbell.database('aside')) as Aside[],
      found => found.length === 3,
    )
    t.deepEqual(aside.map(({ tenant }) => tenant).toSorted(), ['ACME', 'no_tenant', 'x'.repeat(41)])
    for (const { reason } of aside) t.regex(reason, /^invalid_request: .*is not a tenant id/)
    t.is((await doorbell.call('GET', '/readyz')).body['status'], 'ok')
    t.deepEqual(kill.mock.calls, [])
  },
)
