import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { startEmbedded } from '../../src/embedded/embedded.ts'
import { checkIn, type Row, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { type ServiceProcess, startProcess, temporaryFolder } from '../support/service-process.ts'
import { until } from '../support/until.ts'

const events = 30
const tenant = '/v1/tenants/acme'

/** Servers of the test's own, which outlive the service. Returns how a process of the service is started. */
const startServers = async (t: ExecutionContext) => {
  const { natsUrl, mongodbUrl, stop } = await startEmbedded({
    dataDir: await temporaryFolder(t),
    sync: 'interval',
    nats: true,
    mongodb: true,
    progress: () => undefined,
    onExit: (name, detail) => t.log(`${name} ended: ${detail}`),
  })
  t.teardown(stop)
  const environment = {
    NATS_URL: natsUrl ?? '',
    MONGODB_URL: mongodbUrl ?? '',
    DOORBELL_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    PUBLIC_URL: 'http://doorbell.test',
  }
  return async (): Promise<ServiceProcess> => {
    const started = await startProcess(environment)
    t.teardown(() => started.child.kill('SIGKILL'))
    return started
  }
}

const rowsOf = async ({ call }: ServiceProcess, subscriptionId: string): Promise<readonly Row[]> => {
  const { body } = await call<{ items: Row[] }>(
    'GET',
    `${tenant}/deliveries?subscriptionId=${subscriptionId}&limit=100`,
  )
  return body.items
}

test('a stop with receivers that hang, answer late and answer at once ends within 10 s: nothing is lost or sent twice, and no attempt that was cut off counts', async t => {
  const start = await startServers(t)
  let isStopping = true
  const hanging = await startReceiver(t, async () => {
    if (isStopping) await delay(20_000, undefined, { ref: false })
    return 204
  })
  const late = await startReceiver(t, () => (isStopping ? delay(2_000, 204, { ref: false }) : 204))
  const prompt = await startReceiver(t)
  const first = await start()
  const ids: string[] = []
  for (const { url } of [hanging, late, prompt])
    ids.push((await subscribe(first, url, { maxInFlight: 4, timeoutMs: 30_000 })).id)
  const batch = Array.from({ length: events }, (_, index) => checkIn({ id: `evt-${index}`, visitId: `visit-${index}` }))
  t.is((await first.call('POST', `${tenant}/events/batch`, { events: batch })).status, 202)
  await Promise.all([hanging.count(1), late.count(1), prompt.count(1)])

  const signalledAt = performance.now()
  first.child.kill('SIGTERM')
  t.is(await first.ended, 0)
  const tookMs = Math.round(performance.now() - signalledAt)
  t.log(
    `ended after ${tookMs} ms, with ${[hanging, late, prompt].map(each => each.arrivals.length).join(', ')} requests`,
  )
  t.true(tookMs >= 8_000 && tookMs < 10_000, 'attempts get 8 s')

  const cutOff = hanging.arrivals.length
  t.true(cutOff > 0)
  isStopping = false
  const second = await start()
  const readyAt = performance.now()
  const all = await until(
    async () => (await Promise.all(ids.map(id => rowsOf(second, id)))).flat(),
    rows => rows.length === 3 * events && rows.every(({ status }) => status === 'delivered'),
  )
  t.log(`all delivered ${Math.round(performance.now() - readyAt)} ms after the next start`)
  for (const { id, attempts } of all)
    t.deepEqual(
      attempts.map(({ number, status, error }) => [number, status, error]),
      [[1, 204, undefined]],
      id,
    )
  for (const { arrivals } of [late, prompt]) {
    t.is(arrivals.length, events)
    t.is(new Set(arrivals.map(({ headers }) => headers['webhook-id'])).size, events)
  }
  t.is(hanging.arrivals.length, events + cutOff, 'only what was cut off, and never answered, is sent again')
  second.child.kill('SIGTERM')
  t.is(await second.ended, 0)
})
