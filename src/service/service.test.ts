import test from 'ava'
import { metricShapes } from '../../observability/names.ts'
import { observed } from '../../observability/metrics/observed.ts'
import { connectStreams } from '../streams/connect.ts'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../../test/support/doorbell.ts'
import { startReceiver } from '../../test/support/receiver.ts'
import { until } from '../../test/support/until.ts'
import { leaseMs } from './stream-limits.ts'
import type { ServiceSettings } from './settings.ts'

/** The gauge as the next scrape shows it. */
const partitionsOwned = async (): Promise<unknown> => {
  const { resourceMetrics } = await observed.collect()
  const metrics = resourceMetrics.scopeMetrics.flatMap(scope => scope.metrics)
  return metrics.find(({ descriptor }) => descriptor.name === metricShapes.partitionsOwned.name)?.dataPoints[0]?.value
}

/** The workers that hold partitions of this service's stream. */
const workersOf = async ({ natsUrl, database = '' }: ServiceSettings) => {
  const log = { info: () => undefined, warn: () => undefined }
  const streams = await connectStreams({ url: natsUrl, log, names: { stream: database, root: database } })
  const workers = await (await streams.leases({ leaseMs, replicas: 1 })).workers()
  await streams.close()
  return workers
}

const intervals = new Set<unknown>()
const { setInterval: set, clearInterval: clear } = globalThis
globalThis.setInterval = (...args: Parameters<typeof set>) => {
  const timer = set(...args)
  intervals.add(timer)
  return timer
}
globalThis.clearInterval = timer => {
  intervals.delete(timer)
  clear(timer)
}
/** What keeps this process going, and its timers that would not. */
const open = () => `${process.getActiveResourcesInfo().toSorted().join()} ${intervals.size}`

test.serial(
  'a service that was stopped has written what it delivered, gives up its partitions, and leaves no connection, port or timer',
  async t => {
    const receiver = await startReceiver(t)
    const before = open()
    const { service, settings, call, lines } = await startDoorbell(t, { partitions: 4 })
    t.is(await partitionsOwned(), 4)
    t.is((await workersOf(settings)).length, 1)
    const { id } = await subscribe({ call }, receiver.url)
    await call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-1' }))
    await rowWhen({ call }, `evt-1.${id}`)

    const [first, second] = [service.stop(), service.stop()]
    t.is(first, second, 'a second call waits for the first')
    await first
    const stopped = lines.map(line => (JSON.parse(line) as { msg: string }).msg).filter(msg => msg.startsWith('stop'))
    t.deepEqual(stopped, [
      'stopping: no new requests, attempts under way are finished',
      'stopped: every delivery is in the ledger or still in the stream',
    ])
    t.deepEqual(await workersOf(settings), [])
    await t.throwsAsync(fetch(service.url))
    await until(() => open() === before)
    t.pass()
  },
)

test.serial(
  'a stop cuts off the attempts that it cannot wait for: they do not count, and their events stay in the stream',
  async t => {
    const receiver = await startReceiver(t, () => new Promise<number>(() => undefined))
    const { service, call, database } = await startDoorbell(t)
    await subscribe({ call }, receiver.url, { timeoutMs: 5_000 })
    await call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-1' }))
    await receiver.count(1)

    const later = globalThis.setTimeout
    const cutOffMs = 8_000
    globalThis.setTimeout = ((work: () => void, ms?: number, ...args: []) =>
      later(work, ms === cutOffMs ? 0 : ms, ...args)) as typeof setTimeout
    await service.stop().finally(() => (globalThis.setTimeout = later))
    t.deepEqual(await database('deliveries'), [])
  },
)

test.serial('a process of role api serves the API and the page, and works on no partition', async t => {
  const { service, settings, lines } = await startDoorbell(t, { role: 'api' })
  for (const path of ['/readyz', '/']) t.is((await fetch(service.url + path)).status, 200)
  t.deepEqual(await workersOf(settings), [])
  t.false(lines.some(line => line.includes('partitions changed')))
  t.is(await partitionsOwned(), 0)
})

test.serial('a process of role worker works on partitions and has no page', async t => {
  const { service } = await startDoorbell(t, { role: 'worker', partitions: 4 })
  t.is(await partitionsOwned(), 4)
  t.deepEqual([(await fetch(`${service.url}/readyz`)).status, (await fetch(service.url)).status], [200, 404])
})
