import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { memoryLog, rowWhen, startDoorbell, subscribe, type Doorbell } from '../support/doorbell.ts'
import { connectStreams, type Streams } from '../../src/streams/connect.ts'
import { startReceiver } from '../support/receiver.ts'
import { onDatabase } from '../support/databases.ts'
import { until } from '../support/until.ts'

const tenant = '/v1/tenants/acme'
const host = { id: 'host-7', name: 'Tom Peeters' }
const anna = {
  id: 'visitor-4711',
  firstName: 'Annabella',
  lastName: 'Jansen-Smit',
  email: 'annabella@example.com',
  phone: '+32 470 99 88 77',
  company: 'Smit Advies',
}
const bob = { ...anna, id: 'visitor-4712', firstName: 'Bobby', lastName: 'Verlinden', email: 'bobby@example.com' }
const valuesOf = ({ id, firstName, lastName, email }: typeof anna) => [id, firstName, lastName, email]

const event = (id: string, visitor: typeof anna, change: object = {}) => ({
  id,
  type: 'visit.checked_in',
  visitId: `visit-of-${id}`,
  data: { visitor, host, site: 'brussels-hq', checkedInAt: '2026-03-02T08:56:12Z' },
  ...change,
})

/** Starts a receiver that echoes what it was sent, as careless ones do. */
const startEcho = async (t: ExecutionContext, status: number): Promise<string> => {
  const server = createServer((request, response) => void request.pipe(response.writeHead(status)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const streamsOf = async (t: ExecutionContext, { settings }: Doorbell): Promise<Streams> => {
  const names = { stream: settings.database ?? '', root: settings.database ?? '' }
  const streams = await connectStreams({ url: settings.natsUrl, log: memoryLog().log, names })
  t.teardown(streams.close)
  return streams
}

/** Everything that the database and the stream hold, as text. */
const dump = async ({ settings }: Doorbell, streams: Streams): Promise<string> => {
  const parts: string[] = []
  await onDatabase(settings.database, async db => {
    for (const { name } of await db.listCollections().toArray())
      parts.push(`${name} ${JSON.stringify(await db.collection(name).find().toArray())}`)
  })
  const last = await streams.lastSequence()
  for (let sequence = 1; sequence <= last; sequence += 1)
    parts.push(`message ${sequence} ${(await streams.read(sequence)) ?? ''}`)
  return parts.join('\n')
}

interface Erasure {
  readonly id: string
  readonly state: string
  readonly scanned: number
  readonly events: number
  readonly deliveries: number
  readonly cancelled: number
}

const erased = async ({ call }: Pick<Doorbell, 'call'>, id: string): Promise<Erasure> => {
  const get = () => call<Erasure>('GET', `${tenant}/erasures/${id}`)
  return (await until(get, ({ body }) => body.state === 'done')).body
}

test('an erased visitor is in no collection and no message; all other visitors still are, and are still delivered', async t => {
  const doorbell = await startDoorbell(t)
  const { call } = doorbell
  const streams = await streamsOf(t, doorbell)
  const receiver = await startReceiver(t)
  const delivering = await subscribe(doorbell, receiver.url)
  const echoing = await subscribe(doorbell, await startEcho(t, 200))
  const failing = await subscribe(doorbell, await startEcho(t, 500), { retry: { delaysMs: [3_600_000] } })
  const dying = await subscribe(doorbell, await startEcho(t, 500), { retry: { delaysMs: [100] } })
  const paused = await subscribe(doorbell, receiver.url)
  await call('POST', `${tenant}/subscriptions/${paused.id}/pause`)

  for (let index = 0; index < 2; index += 1)
    for (const [name, visitor] of [
      ['anna', anna],
      ['bob', bob],
    ] as const)
      await call('POST', `${tenant}/events`, event(`${name}-${index}`, visitor))
  await streams.publish({
    tenant: 'acme',
    type: 'visit.checked_in',
    id: 'broken',
    body: `{"data": {"visitor": ${JSON.stringify(anna)}`,
    traceparent: null,
  })
  for (const name of ['anna', 'bob'])
    for (let index = 0; index < 2; index += 1) {
      await rowWhen(doorbell, `${name}-${index}.${delivering.id}`)
      await rowWhen(doorbell, `${name}-${index}.${echoing.id}`)
      await rowWhen(doorbell, `${name}-${index}.${failing.id}`, ({ attempts }) => attempts.length > 0)
      await rowWhen(doorbell, `${name}-${index}.${dying.id}`, ({ status }) => status === 'dead')
      await rowWhen(doorbell, `${name}-${index}.${paused.id}`, ({ status }) => status === 'held')
    }
  await until(
    () => doorbell.database('aside'),
    ({ length }) => length > 0,
  )
  const before = await dump(doorbell, streams)
  for (const value of valuesOf(anna)) t.true(before.includes(value), `${value} was there`)

  const asked = await call<Erasure>('DELETE', `${tenant}/visitors/${anna.id}`)
  t.is(asked.status, 202)
  t.is(asked.headers.get('location'), `${tenant}/erasures/${asked.body.id}`)
  // Two events for five subscriptions, of which the failing and the paused one wait; and the broken message.
  t.like(await erased(doorbell, asked.body.id), { events: 3, deliveries: 10, cancelled: 4, scanned: 5 })
  const after = await dump(doorbell, streams)
  for (const value of valuesOf(anna)) t.false(after.includes(value), value)
  for (const value of valuesOf(bob)) t.true(after.includes(value), value)
  t.false(doorbell.lines.some(line => valuesOf(anna).some(value => line.includes(value))))

  const row = await rowWhen(doorbell, `anna-0.${paused.id}`, ({ status }) => status === 'cancelled')
  t.like(row, { reason: 'erased', contentGone: 'erased' })
  t.like(await call('POST', `${tenant}/deliveries/anna-0.${delivering.id}/resend`), { status: 409 })
  const shown = await call<{ event: null; subscriptions: { explanation: string }[] }>('GET', `${tenant}/events/anna-0`)
  t.is(shown.body.event, null)

  await call('POST', `${tenant}/subscriptions/${paused.id}/resume`)
  for (let index = 0; index < 2; index += 1) await rowWhen(doorbell, `bob-${index}.${paused.id}`)
  const late = receiver.arrivals.slice(4).map(({ headers }) => headers['webhook-id'])
  t.deepEqual(late.toSorted(), ['bob-0', 'bob-1'])
  await call('POST', `${tenant}/deliveries/bob-0.${dying.id}/resend`)
  await rowWhen(doorbell, `bob-0.${dying.id}`, ({ attempts }) => attempts.length > 2)

  const range = { from: '2026-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z', perSecond: 1_000 }
  const replay = await call<{ id: string }>('POST', `${tenant}/replays`, { subscriptionId: delivering.id, ...range })
  const replayed = await until(
    () => call('GET', `${tenant}/replays/${replay.body.id}`),
    ({ body }) => body['state'] === 'done',
  )
  t.like(replayed.body, { opened: 2, skipped: 2 }, 'a replay has nothing of the visitor to send')
  t.false((await dump(doorbell, streams)).includes(anna.email))
})

test('an attempt under way while its visitor is erased stores nothing of the answer', async t => {
  const doorbell = await startDoorbell(t)
  const streams = await streamsOf(t, doorbell)
  const { promise: release, resolve: open } = Promise.withResolvers<void>()
  t.teardown(open)
  const receiver = await startReceiver(t, async ({ index }) => {
    if (index === 1) await release
    return 500
  })
  const { id } = await subscribe(doorbell, receiver.url, { retry: { delaysMs: [100, 3_600_000] } })
  await doorbell.call('POST', `${tenant}/events`, event('anna-0', anna))
  await receiver.count(2)
  const asked = await doorbell.call<Erasure>('DELETE', `${tenant}/visitors/${anna.id}`)
  t.like(await erased(doorbell, asked.body.id), { events: 1, deliveries: 1, cancelled: 1 })
  open()
  const row = await rowWhen(doorbell, `anna-0.${id}`, ({ attempts }) => attempts.length === 2)
  t.like(row, { status: 'cancelled', reason: 'erased' })
  const after = await dump(doorbell, streams)
  for (const value of valuesOf(anna)) t.false(after.includes(value), value)
})

test('a second request for an erasure under way returns the same one; an erasure of another tenant is not found', async t => {
  const doorbell = await startDoorbell(t, { role: 'api' })
  await subscribe(doorbell, 'http://127.0.0.1:9999/')
  await doorbell.call('PUT', '/v1/tenants/globex', { name: 'Globex' })
  const [first, second, other] = await Promise.all(
    [anna, anna, bob].map(({ id }) => doorbell.call<Erasure>('DELETE', `${tenant}/visitors/${id}`)),
  )
  t.is(first?.body.id, second?.body.id)
  const { body: audit } = await doorbell.call<{ items: { resource: { id: string } }[] }>(
    'GET',
    `${tenant}/audit?action=eraseVisitor`,
  )
  const named = new Set(audit.items.map(({ resource }) => resource.id))
  t.deepEqual(
    [...named].toSorted(),
    [first?.body.id, other?.body.id].toSorted(),
    'the audit names the erasure, not the visitor',
  )
  t.not(first?.body.id, other?.body.id)
  t.like(await doorbell.call('GET', `/v1/tenants/globex/erasures/${first?.body.id}`), { status: 404 })
})

test('a visitor’s id may hold any character, and stands in no span name, log line or finished erasure', async t => {
  const doorbell = await startDoorbell(t)
  const streams = await streamsOf(t, doorbell)
  const receiver = await startReceiver(t)
  await subscribe(doorbell, receiver.url)
  const strange = { ...anna, id: 'ä/4 "7".*\\x' }
  await doorbell.call('POST', `${tenant}/events`, event('strange', strange))
  await doorbell.call('POST', `${tenant}/events`, event('bob', { ...bob, id: 'ä/4 "7"' }))
  await receiver.count(2)
  const path = `${tenant}/visitors/${encodeURIComponent(strange.id)}`
  const { body } = await doorbell.call<Erasure>('DELETE', path)
  t.like(await erased(doorbell, body.id), { events: 1, scanned: 2 })
  const after = await dump(doorbell, streams)
  t.false(after.includes(JSON.stringify(strange.id).slice(1, -1)))
  t.false(after.includes(strange.firstName))
  t.true(after.includes(bob.firstName))
})

test('an erasure that is requested while no worker runs is finished by the next worker at its start', async t => {
  const first = await startDoorbell(t)
  const streams = await streamsOf(t, first)
  const { id } = await subscribe(first, (await startReceiver(t)).url)
  for (const [name, visitor] of Object.entries({ anna, bob }))
    await first.call('POST', `${tenant}/events`, event(name, visitor))
  for (const name of ['anna', 'bob']) await rowWhen(first, `${name}.${id}`)
  await first.service.stop()

  const api = await startDoorbell(t, { ...first.settings, role: 'api' })
  const { body } = await api.call<Erasure>('DELETE', `${tenant}/visitors/${anna.id}`)
  t.is(body.state, 'running')
  t.true((await dump(first, streams)).includes(anna.email))
  const next = await startDoorbell(t, first.settings)
  t.like(await erased(next, body.id), { events: 1, deliveries: 1, scanned: 2 })
  const after = await dump(first, streams)
  for (const value of valuesOf(anna)) t.false(after.includes(value), value)
  for (const value of valuesOf(bob)) t.true(after.includes(value), value)
})
