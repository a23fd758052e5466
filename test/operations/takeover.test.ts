import { setTimeout as delay } from 'node:timers/promises'
import { mock } from 'node:test'
import test from 'ava'
import { createLog } from '../../observability/log.ts'
import { startService } from '../../src/service/service.ts'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startLink } from '../support/link.ts'
import { startReceiver } from '../support/receiver.ts'
import { natsUrl } from '../support/servers.ts'
import { until } from '../support/until.ts'

const tenants = Array.from({ length: 12 }, (_, n) => `tenant-${n}`)
/** Longer than the requests of a takeover wait for their answers (5 s), and than a lease lives (6 s). Set it to 42000 for an outage of a minute's budget. */
const cutMs = Number(process.env['DOORBELL_TEST_CUT_MS'] ?? 12_000)

test.serial(
  'a worker that loses NATS in the moment of a takeover delivers for all tenants when NATS is back, and does not end',
  async t => {
    t.timeout(cutMs + 60_000)
    const kill = mock.method(process, 'kill', () => true)
    t.teardown(() => kill.mock.restore())
    const link = await startLink(t, natsUrl())
    const receiver = await startReceiver(t)
    const api = await startDoorbell(t, { role: 'api', publicUrl: 'http://doorbell.test' })
    const neighbour = await startDoorbell(t)
    const first = await startDoorbell(t, { ...api.settings, role: 'worker' })
    const ids = new Map<string, string>()
    for (const tenant of tenants) ids.set(tenant, (await subscribe(api, receiver.url, {}, tenant)).id)
    const { id: neighbourId } = await subscribe(neighbour, receiver.url)

    const lines: string[] = []
    let onTakeover = () => undefined as void
    const write = (line: string) => {
      lines.push(line)
      if (line.includes('"workers":1,"msg":"partitions changed"')) onTakeover()
    }
    const through = `nats://${new URL(link.through(natsUrl())).host}`
    const second = await startService(
      { ...api.settings, role: 'worker', natsUrl: through },
      createLog('info', { write }),
    )
    t.teardown(second.stop)
    await until(() => lines.some(line => line.includes('"workers":2,"msg":"partitions changed"')))

    const cut = Promise.withResolvers<void>()
    onTakeover = () => {
      onTakeover = () => undefined
      link.cut()
      cut.resolve()
    }
    await first.service.stop()
    await cut.promise
    const healed = delay(cutMs).then(link.heal)
    for (const tenant of tenants)
      t.is((await api.call('POST', `/v1/tenants/${tenant}/events`, checkIn({ id: 'evt-1' }))).status, 202)
    await neighbour.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-1' }))
    await rowWhen(neighbour, `evt-1.${neighbourId}`)
    await healed
    const healedAt = performance.now()
    for (const tenant of tenants) await rowWhen(api, `evt-1.${ids.get(tenant)}`, undefined, tenant)
    t.log(`all delivered ${Math.round(performance.now() - healedAt)} ms after the healing`)
    t.deepEqual(kill.mock.calls, [], 'no process has stopped itself')
    t.false(
      lines.some(line => line.includes('"directive":"pause"')),
      'an outage is no defect',
    )
  },
)
