import { JetStreamApiError } from '@nats-io/jetstream'
import test, { type ExecutionContext } from 'ava'
import { firstValueFrom } from 'rxjs'
import { connectProcess, freshNames, rawConnection } from '../../test/support/test-stream.ts'
import { until } from '../../test/support/until.ts'
import { orOvertaken } from './leases.ts'

/** Connections of different workers to one bucket. */
const connections = async (t: ExecutionContext, count: number, leaseMs: number) => {
  const names = freshNames()
  const connected = await Promise.all(Array.from({ length: count }, () => connectProcess(t, { names })))
  const streams = connected.map(each => each.streams)
  const leases = await Promise.all(streams.map(each => each.leases({ leaseMs, replicas: 1 })))
  return { streams, leases, names }
}
const a = 'worker-a'
const b = 'worker-b'

test('a released lease is free at once, and a late release does not take it from the next owner', async t => {
  const { leases } = await connections(t, 2, 60_000)
  const [first, second] = leases
  const mine = await first?.take(3, a)
  if (!first || !second || !mine) return t.fail()
  await first.release(mine)
  const theirs = await second.take(3, b)
  if (!theirs) return t.fail('not free')
  await first.release(mine)
  t.not(await second.renew(theirs, b), null)
  t.is(await first.take(3, a), null)
})

test('a worker that joins, leaves or releases notifies the others', async t => {
  const { leases } = await connections(t, 2, 60_000)
  const [first, second] = leases
  if (!first || !second) return t.fail()
  const lease = await first.take(0, a)
  // The server knows a subscription once it has answered a later request on the same connection.
  const notified = async (by: () => Promise<unknown>) => {
    const next = firstValueFrom(second.changes$)
    await second.workers()
    await by()
    await next
  }
  await notified(() => first.beat(a))
  await notified(() => (lease === null ? Promise.reject(new Error('no lease')) : first.release(lease)))
  await notified(() => first.leave(a))
  t.deepEqual(await second.workers(), [])
})

test('the lock for changes of the stream belongs to one process at a time, and leaves nothing behind', async t => {
  const { leases, streams, names } = await connections(t, 2, 60_000)
  const [first, second] = leases
  if (!first || !second) return t.fail()
  const gate = Promise.withResolvers<void>()
  const order: string[] = []
  const one = first.exclusively(async renew => {
    order.push('one begins')
    await gate.promise
    await renew()
    order.push('one ends')
  })
  const two = second.exclusively(async () => void order.push('two begins'))
  await until(() => order.length > 0)
  await streams[1]?.ping()
  gate.resolve()
  await Promise.all([one, two])
  t.is(order.length, 3)
  t.is(order.indexOf('one ends') - order.indexOf('one begins'), 1, 'nothing in between')
  const { manager } = await rawConnection(t)
  t.is((await manager.streams.info(`KV_${names.stream}_FLEET`)).state.messages, 0)
})

test('the fleet is notified when a worker joins, not at each of its heartbeats', async t => {
  const { leases, names } = await connections(t, 1, 60_000)
  const { tap } = await rawConnection(t)
  const announced = await tap(`${names.root}_fleet`)
  for (const worker of [b, a, a, b, a]) await leases[0]?.beat(worker)
  await leases[0]?.workers()
  t.is((await announced()).length, 2)
  t.deepEqual(await leases[0]?.workers(), [a, b])
})

test('who leaves or releases removes only what is theirs', async t => {
  const { leases } = await connections(t, 2, 60_000)
  const [first, second] = leases
  if (!first || !second) return t.fail()
  for (const worker of ['w', 'w-2', 'W']) await first.beat(worker)
  const [one, ten] = [await first.take(1, 'w'), await first.take(10, 'w')]
  t.like([one, ten], [{ partition: 1 }, { partition: 10 }])
  await first.leave('w')
  t.deepEqual(await second.workers(), ['W', 'w-2'])
  t.is(await second.take(1, 'w-2'), null)
  if (one !== null) await first.release(one)
  t.is(await second.take(10, 'w-2'), null)
  t.like(await second.take(1, 'w-2'), { partition: 1 })
})

test('another process that wrote first is no fault, whichever way the server says so; everything else is', async t => {
  const answer = (err_code: number) => () =>
    Promise.reject(new JetStreamApiError({ code: 400, err_code, description: 'no' }))
  for (const code of [10_071, 10_164]) t.is(await orOvertaken(answer(code)), null)
  await t.throwsAsync(orOvertaken(answer(10_077)), { instanceOf: JetStreamApiError })
  await t.throwsAsync(
    orOvertaken(() => Promise.reject(new Error('timeout'))),
    { message: 'timeout' },
  )
  t.is(await orOvertaken(async () => 7), 7)
  const { leases, names } = await connections(t, 1, 60_000)
  await (await rawConnection(t)).manager.streams.delete(`KV_${names.stream}_FLEET`)
  const [fleet] = leases
  if (!fleet) return t.fail()
  for (const ask of [fleet.beat(a), fleet.workers(), fleet.take(1, a), fleet.leave(a)])
    await t.throwsAsync(ask, { code: 'streams_unavailable' })
})
