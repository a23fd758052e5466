import test, { type ExecutionContext } from 'ava'
import { filter, firstValueFrom, tap } from 'rxjs'
import { createMetrics } from '../../observability/metrics.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import { partitionOf } from '../../src/domain/partition.ts'
import { dayMs } from '../../src/domain/time.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { connectStreams } from '../../src/streams/connect.ts'
import { createRetainer, streamKeepMs } from '../../src/jobs/retention.ts'
import { type Doorbell, memoryLog, rowWhen, startDoorbell, subscribe, checkIn } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { onDatabase, takeDatabase } from '../support/databases.ts'
import { mongodbUrl, natsUrl } from '../support/servers.ts'
import { until } from '../support/until.ts'

const defaults = { payloadDays: 7, logDays: 30 }
const partitions = 16
const metrics = createMetrics()
const now = Date.now()

/** Opens a stream and a ledger, with a retention whose clock is `days` ahead. */
const setUp = async (t: ExecutionContext, days: number, isOurs = (_: string) => true) => {
  const name = takeDatabase(t)
  const { lines, log } = memoryLog()
  const ledger = await openLedger({ url: mongodbUrl(), database: name })
  const streams = await connectStreams({ url: natsUrl(), log, names: { stream: name, root: name } })
  t.teardown(streams.close)
  t.teardown(ledger.close)
  const shape = { partitions, replicas: 1, ackWaitMs: 60_000, window: 512, leaseMs: 6_000 }
  await streams.ensure({ ...shape, keepMs: streamKeepMs(defaults.payloadDays) })
  const woken: string[] = []
  const retainer = createRetainer({
    ledger,
    streams,
    log,
    metrics,
    partitions,
    retention: defaults,
    owns: isOurs,
    wake: id => void woken.push(id),
    now: () => now + days * dayMs,
  })
  const publish = (tenant: string, id: string) =>
    streams.publish({ tenant, type: 'visit.created', id, body: '{}', traceparent: null })
  const stored = async (tenant: string) => {
    const query = { tenant, from: 0, after: null, limit: 100 }
    return (await streams.history(query)).map(({ sequence }) => sequence)
  }
  /** Acknowledges a tenant's messages up to this one. */
  const workOn = async (tenant: string, sequence: number) => {
    const feed = streams.feed(partitionOf(tenant, partitions), 512)
    const done = feed.messages$.pipe(
      tap(message => message.ack()),
      filter(message => message.sequence === sequence),
    )
    await firstValueFrom(done)
    await feed.stop()
    const partition = partitionOf(tenant, partitions)
    await until(() => streams.isWorkedOn(partition, sequence))
  }
  return { ledger, streams, retainer, publish, stored, workOn, lines, woken }
}

const attempt = {
  number: 1,
  at: now,
  tookMs: 5,
  status: 500,
  response: 'Anna is not known',
  url: '',
  traceId: '',
  spanId: '',
}
const row = (id: string, ageDays: number, change: Partial<Delivery> = {}): Delivery => ({
  id: `${id}.sub_1`,
  tenant: 'acme',
  partition: partitionOf('acme', partitions),
  subscriptionId: 'sub_1',
  eventId: id,
  visitId: 'visit-1',
  type: 'visit.created',
  streamSequence: 1,
  status: 'delivered',
  nextAttemptAt: null,
  attempts: [attempt],
  revision: 1,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  createdAt: now - ageDays * dayMs,
  updatedAt: now,
  ...change,
})

test('after the payload’s days a row stays in the log without body and answers; after the log’s days it is gone', async t => {
  const { ledger, retainer, lines } = await setUp(t, 0)
  await ledger.tenants.put('acme', 'Acme', now)
  const rows = [
    row('young', 6.9),
    row('old', 7.1),
    row('dead', 8, { status: 'dead', reason: 'exhausted', body: '{"data":"Anna"}' }),
    row('very-old', 30.1),
    row('others', 31, { tenant: 'globex' }),
  ]
  await Promise.all(rows.map(ledger.deliveries.insert))
  await retainer.pass('acme')
  const get = (id: string) => ledger.deliveries.get('acme', `${id}.sub_1`)
  t.deepEqual(await get('young'), rows[0])
  const { response: _, ...silent } = attempt
  t.deepEqual(await get('old'), { ...rows[1], attempts: [silent], contentGone: 'retention', revision: 2 } as Delivery)
  const dead = await get('dead')
  t.like(dead, { status: 'dead', reason: 'exhausted', contentGone: 'retention', body: undefined })
  t.is(await get('very-old'), null)
  t.not(await ledger.deliveries.get('globex', 'others.sub_1'), null, 'another tenant’s is another pass')
  t.true(
    lines.some(line => line.includes('"contents":3') && line.includes('"rows":1')),
    'and a line says so',
  )
  await retainer.pass('acme')
  t.is((await get('old'))?.revision, 2, 'a second pass finds nothing to do')
})

test('a delivery that waits when its payload’s days are over is shown as given up, in more than one batch if there are many', async t => {
  const { ledger, retainer, woken } = await setUp(t, 0)
  await ledger.tenants.put('acme', 'Acme', now)
  const waiting = { status: 'held', reason: 'paused', nextAttemptAt: now, body: '{"data":"Anna"}' } as const
  const rows = Array.from({ length: 1_200 }, (_, index) => row(`old-${index}`, 7.5, waiting))
  await Promise.all([...rows, row('young', 2, waiting)].map(ledger.deliveries.insert))
  await retainer.pass('acme')
  const ended = { status: 'dead', reason: 'content_expired', contentGone: 'retention', body: undefined } as const
  t.like(await ledger.deliveries.get('acme', 'old-0.sub_1'), { ...ended, nextAttemptAt: null })
  t.like(await ledger.deliveries.get('acme', 'old-1199.sub_1'), ended)
  t.like(await ledger.deliveries.get('acme', 'young.sub_1'), waiting)
  t.deepEqual((await ledger.deliveries.backlogs(['sub_1'])).get('sub_1'), {
    pending: 0,
    held: 1,
    oldestPendingAt: now - 2 * dayMs,
  })
  t.true(woken.includes('sub_1'))
})

test('an attempt that was under way when its content was removed is stored without content', async t => {
  const { ledger, retainer } = await setUp(t, 0)
  await ledger.tenants.put('acme', 'Acme', now)
  const before = row('old', 7.5, { status: 'pending', nextAttemptAt: now, attempts: [], body: '{"data":"Anna"}' })
  await ledger.deliveries.insert(before)
  await retainer.pass('acme')
  const after = await ledger.deliveries.update({ ...before, attempts: [attempt], revision: 2 })
  t.like(after, { status: 'dead', reason: 'content_expired', body: undefined })
  t.deepEqual(after.attempts[0]?.response, undefined)
  t.deepEqual(await ledger.deliveries.get('acme', before.id), after)
})

test('the stream loses what is older than the tenant’s setting, and never what was not processed', async t => {
  const { ledger, retainer, publish, stored, workOn } = await setUp(t, 3)
  for (const tenant of ['acme', 'globex']) await ledger.tenants.put(tenant, tenant, now)
  await ledger.retention.put('acme', { payloadDays: 2 })
  const first = await publish('acme', 'evt-1')
  const others = await publish('globex', 'evt-1')
  await workOn('acme', first.sequence)
  await workOn('globex', others.sequence)
  const second = await publish('acme', 'evt-2')
  await retainer.pass('acme')
  await retainer.pass('globex')
  t.deepEqual(await stored('acme'), [second.sequence], 'the second has no row yet')
  t.deepEqual(await stored('globex'), [others.sequence], 'three days are less than seven')
  await workOn('acme', second.sequence)
  await retainer.pass('acme')
  t.deepEqual(await stored('acme'), [])
})

test('a round covers the tenants of this process’s partitions, and messages set aside expire with their tenant’s payload', async t => {
  const { ledger, retainer } = await setUp(t, 0, tenant => tenant !== 'globex')
  for (const tenant of ['acme', 'globex']) await ledger.tenants.put(tenant, tenant, now)
  await Promise.all([row('a', 8), row('b', 8, { tenant: 'globex' })].map(ledger.deliveries.insert))
  const aside = { partition: 1, type: 'visit.created', reason: 'malformed_json', text: '{"Anna"' }
  await ledger.aside.keep({ ...aside, sequence: 1, tenant: 'acme', at: now - 8 * dayMs })
  await ledger.aside.keep({ ...aside, sequence: 2, tenant: 'unknown', at: now - 8 * dayMs })
  await ledger.aside.keep({ ...aside, sequence: 3, tenant: 'acme', at: now - 6 * dayMs })
  await Promise.all([retainer.round(), retainer.round()])
  t.is((await ledger.deliveries.get('acme', 'a.sub_1'))?.contentGone, 'retention')
  t.is((await ledger.deliveries.get('globex', 'b.sub_1'))?.contentGone, undefined)
  t.deepEqual(
    (await ledger.aside.list(9)).map(({ sequence }) => sequence),
    [3],
  )
})

const path = '/v1/tenants/acme/retention'
/** Makes a row this many days older. */
const age = ({ settings }: Doorbell, id: string, days: number) =>
  onDatabase(settings.database, db =>
    db
      .collection<{ _id: string }>('deliveries')
      .updateOne({ _id: id }, { $inc: { createdAt: -days * dayMs, revision: 1 } }),
  )

test('a tenant’s own setting is shown with the operator’s, has bounds, and applies to what is already stored', async t => {
  const doorbell = await startDoorbell(t)
  const receiver = await startReceiver(t, () => 500)
  const { id } = await subscribe(doorbell, receiver.url, { retry: { delaysMs: [100] } })
  const shown = { payloadDays: 7, logDays: 30, defaults }
  t.deepEqual((await doorbell.call('GET', path)).body, shown)
  for (const refused of [
    { payloadDays: 0 },
    { payloadDays: 31 },
    { logDays: 6 },
    { payloadDays: 5, logDays: 4 },
    { days: 1 },
  ])
    t.like(await doorbell.call('PUT', path, refused), { status: 400, body: { code: 'invalid_request' } })

  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-1' }))
  const delivery = `evt-1.${id}`
  await rowWhen(doorbell, delivery, ({ status }) => status === 'dead')
  await age(doorbell, delivery, 3)
  const set = await doorbell.call('PUT', path, { payloadDays: 2 })
  t.deepEqual(set, { ...set, status: 200, body: { ...shown, payloadDays: 2 } })
  const bare = await rowWhen(doorbell, delivery, each => 'contentGone' in each)
  t.like(bare, { status: 'dead', contentGone: 'retention' })
  t.like(await doorbell.call('POST', `/v1/tenants/acme/deliveries/${delivery}/resend`), { status: 409 })
  t.deepEqual((await doorbell.call('PUT', path, {})).body, shown, 'left out: the operator’s again')
})

test('a delivery that is held by a pause ends with its content, and its explanation says why', async t => {
  const doorbell = await startDoorbell(t)
  const receiver = await startReceiver(t)
  const { id } = await subscribe(doorbell, receiver.url)
  await doorbell.call('POST', `/v1/tenants/acme/subscriptions/${id}/pause`)
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-1' }))
  await rowWhen(doorbell, `evt-1.${id}`, ({ status }) => status === 'held')
  await age(doorbell, `evt-1.${id}`, 8)
  await doorbell.call('PUT', path, {})
  const given = await rowWhen(doorbell, `evt-1.${id}`, ({ status }) => status === 'dead')
  t.is(given.reason, 'content_expired')
  const { body } = await doorbell.call<{ subscriptions: { explanation: string }[] }>(
    'GET',
    '/v1/tenants/acme/events/evt-1',
  )
  t.regex(body.subscriptions[0]?.explanation ?? '', /retention/)
  await doorbell.call('POST', `/v1/tenants/acme/subscriptions/${id}/resume`)
  t.is(receiver.arrivals.length, 0)
})
