import test, { type ExecutionContext } from 'ava'
import { firstValueFrom } from 'rxjs'
import { freshName, natsUrl } from '../../test/support/servers.ts'
import { connectStreams } from './connect.ts'
import { until } from '../../test/support/until.ts'

const log = { info: () => undefined, warn: () => undefined }

/** Connections of different workers to one bucket. */
const connections = async (t: ExecutionContext, count: number, leaseMs: number) => {
  const name = freshName('visits')
  const connect = async () => {
    const streams = await connectStreams({ url: natsUrl(), log, names: { stream: name, root: name } })
    t.teardown(streams.close)
    return streams
  }
  const streams = await Promise.all(Array.from({ length: count }, connect))
  const leases = await Promise.all(streams.map(each => each.leases({ leaseMs, replicas: 1 })))
  return { streams, leases }
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

test('a bucket with another lease time is brought up to date', async t => {
  const { streams } = await connections(t, 1, 60_000)
  const leases = await streams[0]?.leases({ leaseMs: 1_000, replicas: 1 })
  await leases?.beat(a)
  await until(async () => (await leases?.workers())?.length === 0)
  t.pass()
})
