import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { partitionOf } from '../../src/domain/partition.ts'
import type { ServiceSettings } from '../../src/service/settings.ts'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { temporaryFolder } from '../support/service-process.ts'
import { rawConnection, startNatsServer } from '../support/test-stream.ts'
import { until } from '../support/until.ts'

const partitions = 4

/** Two tenants of different partitions, each with a receiver: what is lost concerns the first, or both. */
const start = async (t: ExecutionContext, change: Partial<ServiceSettings> = {}) => {
  const doorbell = await startDoorbell(t, { partitions, ...change })
  const { manager } = await rawConnection(t, doorbell.settings.natsUrl)
  const stream = doorbell.settings.database
  const tenants = ['acme', 'globex'] as const
  t.not(partitionOf('acme', partitions), partitionOf('globex', partitions))
  const receivers = { acme: await startReceiver(t), globex: await startReceiver(t) }
  const ids = new Map<string, string>()
  for (const tenant of tenants)
    ids.set(tenant, (await subscribe(doorbell, receivers[tenant].url, { ordering: 'visit' }, tenant)).id)
  const post = (id: string, tenant: string) =>
    doorbell.call<{ code?: string }>('POST', `/v1/tenants/${tenant}/events`, checkIn({ id }))
  /** Posts an event until it is accepted. */
  const accepted = (id: string, tenant: string) =>
    until(
      () => post(id, tenant),
      ({ status }) => status === 202,
    )
  const delivered = async (id: string) => {
    for (const tenant of tenants) await rowWhen(doorbell, `${id}.${ids.get(tenant)}`, undefined, tenant)
  }
  const send = async (id: string) => {
    for (const tenant of tenants) await accepted(id, tenant)
    await delivered(id)
  }
  const received = (tenant: (typeof tenants)[number]) =>
    receivers[tenant].arrivals.map(({ body, headers }) => ({
      id: headers['webhook-id'],
      sequence: (JSON.parse(body) as { sequence: number }).sequence,
    }))
  const idsOf = (tenant: (typeof tenants)[number]) => received(tenant).map(({ id }) => id)
  const isReady = async () => (await doorbell.call('GET', '/readyz')).body['status'] === 'ok'
  /** What the log says about differences. */
  const found = () =>
    doorbell.lines
      .map(line => JSON.parse(line) as { level: number; object?: string; difference?: string; msg: string })
      .filter(({ object, difference }) => object !== undefined && difference !== undefined)
      .map(({ level, object = '', difference }) => `${level} ${object.replaceAll(stream, 'S')} ${difference}`)
  const processed = () =>
    until(
      () => doorbell.database('progress') as Promise<{ highest: number; processed: Record<string, number> }[]>,
      ([progress]) =>
        progress !== undefined &&
        tenants.every(
          tenant =>
            (progress.processed[partitionOf(tenant, partitions)] ?? 0) >=
            Math.max(...received(tenant).map(({ sequence }) => sequence)),
        ),
    )
  return { ...doorbell, manager, stream, send, post, accepted, delivered, received, idsOf, isReady, found, processed }
}

test('consumers that are removed continue behind what was processed, within seconds and without a restart', async t => {
  const { manager, stream, send, idsOf, isReady, found, processed } = await start(t)
  await send('evt-1')
  await send('evt-2')
  await processed()
  await manager.consumers.delete(stream, `partition-${partitionOf('acme', partitions)}`)
  await send('evt-3')
  for (let partition = 0; partition < partitions; partition += 1)
    await manager.consumers.delete(stream, `partition-${partition}`).catch(() => undefined)
  await send('evt-4')
  t.deepEqual(idsOf('acme'), ['evt-1', 'evt-2', 'evt-3', 'evt-4'])
  t.deepEqual(idsOf('globex'), ['evt-1', 'evt-2', 'evt-3', 'evt-4'])
  t.true(await isReady())
  const lines = found()
  t.is(lines[0], `40 consumer partition-${partitionOf('acme', partitions)} of S is missing`)
  t.true(
    lines.every(line => line.startsWith('40 consumer') && line.endsWith('of S is missing')),
    lines.join('\n'),
  )
})

test('a paused or changed consumer works again, and the log names the change', async t => {
  const { manager, stream, send, idsOf, found } = await start(t)
  await send('evt-1')
  const name = `partition-${partitionOf('acme', partitions)}`
  // The server reports only the pause; a change alone is found within a minute.
  await manager.consumers.update(stream, name, { max_ack_pending: 1, max_deliver: 2 })
  await manager.consumers.pause(stream, name, new Date(Date.now() + 3_600_000))
  await send('evt-2')
  await until(() => found().length >= 3)
  await send('evt-3')
  t.deepEqual(idsOf('acme'), ['evt-1', 'evt-2', 'evt-3'])
  t.deepEqual(found().toSorted(), [
    `40 consumer ${name} of S is paused`,
    `40 consumer ${name} of S max_ack_pending is 1, not 512`,
    `40 consumer ${name} of S max_deliver is 2, not -1`,
  ])
})

test('after the stream was removed, events are accepted again while Doorbell runs, and their numbers continue', async t => {
  const { manager, stream, send, received, isReady, found, processed } = await start(t)
  await send('evt-1')
  await send('evt-2')
  await processed()
  const highest = Math.max(...received('acme').map(({ sequence }) => sequence))
  await manager.streams.delete(stream)
  await send('evt-3')
  await send('evt-4')
  t.deepEqual(
    received('acme').map(({ id }) => id),
    ['evt-1', 'evt-2', 'evt-3', 'evt-4'],
  )
  const [three = 0, four = 0] = received('acme')
    .slice(2)
    .map(({ sequence }) => sequence)
  t.true(three > highest + 1_000_000 && four > three, `${highest} ${three} ${four}`)
  t.true(await isReady())
  t.true(found().includes('40 stream S is missing'), found().join('\n'))
})

test('a stream that was created again by other means gets the numbers that follow, and keeps what it has accepted', async t => {
  const { manager, stream, send, accepted, delivered, received, processed } = await start(t)
  await send('evt-1')
  await send('evt-2')
  await processed()
  const { config } = await manager.streams.info(stream)
  const { first_seq: _, metadata: __, ...plain } = config
  await manager.streams.delete(stream)
  // Whoever is first creates it.
  await manager.streams.add(plain).catch(() => undefined)
  for (const tenant of ['acme', 'globex']) await accepted('evt-3', tenant)
  await delivered('evt-3')
  const numbers = received('acme').map(({ sequence }) => sequence)
  t.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  )
  t.is(received('acme').length, 3)
})

test('settings that a promise depends on are restored, and those of the operator stay', async t => {
  const { manager, stream, send, found, isReady, call } = await start(t)
  await send('evt-1')
  const lossy = { discard: 'old', max_msgs: 1_000, allow_direct: false, no_ack: true, max_bytes: 50_000_000 }
  await manager.streams.update(stream, { ...lossy, description: 'of the operator' } as never)
  await until(() => found().length >= 6)
  await send('evt-2')
  t.like((await manager.streams.info(stream)).config, {
    discard: 'new',
    max_msgs: -1,
    allow_direct: true,
    max_bytes: 50_000_000,
    description: 'of the operator',
  })
  t.deepEqual(found().toSorted(), [
    '30 stream S description is "of the operator"',
    '30 stream S max_bytes is 50000000',
    '40 stream S allow_direct is unset, not true',
    '40 stream S discard is old, not new',
    '40 stream S max_msgs is 1000, not -1',
    '40 stream S no_ack is true, not unset',
  ])
  t.true(await isReady())
  t.is((await call('GET', '/v1/tenants/acme/events')).status, 200)
})

test('while a setting cannot be restored, no event is accepted, and readiness says what to do', async t => {
  const { manager, stream, send, post, found, call } = await start(t)
  await send('evt-1')
  await manager.streams.update(stream, { sealed: true } as never)
  const refused = await until(
    () => post('evt-2', 'acme'),
    ({ body }) => body.code === 'promise_broken',
  )
  t.is(refused.status, 503)
  t.regex(String((refused.body as { detail?: string }).detail), /sealed is true/)
  const { status, body } = await call<{ status: string; checks: Record<string, string> }>('GET', '/readyz')
  t.deepEqual([status, body.status], [200, 'degraded'])
  t.regex(body.checks[`stream ${stream}`] ?? '', /nats stream rm/)
  t.is(found().filter(line => line.startsWith('50 stream S sealed')).length, 1)
  await manager.streams.delete(stream)
  await send('evt-3')
  t.is((await call('GET', '/readyz')).body['status'], 'ok')
})

test('a fleet whose bucket was removed takes its partitions again and goes on', async t => {
  const { manager, stream, send, idsOf, found, isReady, settings } = await start(t)
  const other = await startDoorbell(t, settings)
  await send('evt-1')
  await manager.streams.delete(`KV_${stream}_FLEET`)
  await until(
    () =>
      found().some(line => line === '40 bucket S_FLEET is missing') ||
      other.lines.some(line => line.includes('_FLEET')),
  )
  await send('evt-2')
  t.deepEqual(idsOf('acme'), ['evt-1', 'evt-2'])
  t.true(await isReady())
})

test('a nats-server that comes back with an empty store is set up again while Doorbell runs', async t => {
  const folder = await temporaryFolder(t)
  const store = join(folder, 'store')
  const server = await startNatsServer(t, ['-js', '-sd', store])
  const { send, received, processed, found, isReady, post } = await start(t, { natsUrl: server.url })
  await send('evt-1')
  await send('evt-2')
  await processed()
  await server.kill()
  t.is((await post('evt-3', 'acme')).status, 503)
  await rm(store, { recursive: true })
  await server.start()
  await send('evt-3')
  await send('evt-4')
  const numbers = received('acme').map(({ sequence }) => sequence)
  t.deepEqual(
    numbers,
    numbers.toSorted((one, other) => one - other),
  )
  t.deepEqual(
    received('globex').map(({ id }) => id),
    ['evt-1', 'evt-2', 'evt-3', 'evt-4'],
  )
  t.true(found().includes('40 stream S is missing'), found().join('\n'))
  t.true(await isReady())
})
