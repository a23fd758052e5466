import test from 'ava'
import type { VisitMessage } from '../../../../src/domain/visit-message.ts'
import { isFailure } from '../../../../src/domain/failure.ts'
import type { Streams } from '../../../../src/streams/connect.ts'
import { streamOptions } from '../../../support/test-stream.ts'
import { createLink } from '../link.ts'
import { virtualPorts } from '../virtual-ports.ts'
import { createStreamModel } from './streams.ts'

const options = { ...streamOptions, ackWaitMs: 60_000 }
const log = { info: () => undefined, warn: () => undefined }

const open = async (seed?: number) => {
  const ports = virtualPorts(seed)
  const model = createStreamModel(ports)
  const join = async () => {
    const link = createLink(ports)
    const streams = await ports.until(model.connect(link)({ url: 'nats://model.test', log }))
    await ports.until(streams.ensure(options))
    return { link, streams }
  }
  const publish = async ({ streams }: { streams: Streams }, ...ids: readonly string[]) => {
    for (const id of ids)
      await ports.until(
        streams.publish({ tenant: 'acme', type: 'visit.created', id, body: `"${id}"`, traceparent: null }),
      )
  }
  return { ...ports, model, join, publish }
}
/** Reads a partition and keeps what arrives. */
const read = ({ streams }: { streams: Streams }, each: (message: VisitMessage) => void = () => undefined) => {
  const got: string[] = []
  streams.feed(0, 100).messages$.subscribe(message => {
    got.push(`${message.text()}${message.redeliveries}`)
    each(message)
  })
  return got
}

test('a paused owner is given messages in turn with the next one, and has them when it continues', async t => {
  const { join, publish, pass } = await open()
  const [paused, next] = [await join(), await join()]
  const theirs = read(paused)
  await pass(100)
  paused.link.pause()
  const ours = read(next, message => message.ack())
  await pass(100)
  await publish(next, 'a', 'b', 'c', 'd')
  await pass(1_000)
  t.deepEqual([theirs, ours], [[], ['"b"0', '"d"0']])
  paused.link.resume()
  await pass(100)
  t.deepEqual(theirs, ['"a"0', '"c"0'])
})

test('what a vanished owner was given comes to the next one after the ack wait; its requests end after half a minute', async t => {
  const { join, publish, pass } = await open()
  const [vanished, next] = [await join(), await join()]
  read(vanished)
  await pass(100)
  vanished.link.end('vanished')
  const ours = read(next, message => message.ack())
  await pass(100)
  await publish(next, 'a', 'b')
  await pass(40_000)
  t.deepEqual(ours, ['"b"0'])
  await publish(next, 'c', 'd')
  await pass(100)
  t.deepEqual(ours, ['"b"0', '"c"0', '"d"0'])
  await pass(30_000)
  t.deepEqual(ours.slice(3), ['"a"1'])
})

test('a restart of the server keeps what is stored; readers continue, and get again what they had not acknowledged', async t => {
  const { model, join, publish, pass, until } = await open()
  const [one, two] = [await join(), await join()]
  const got = read(one)
  const leases = await until(one.streams.leases({ leaseMs: 6_000, replicas: 1 }))
  await until(leases.take(0, 'a'))
  await publish(two, 'a')
  await pass(100)
  model.faults.stop()
  await pass(1_000)
  t.true(
    isFailure(
      await until(
        t.throwsAsync(two.streams.publish({ tenant: 'acme', type: 't', id: 'x', body: '', traceparent: null })),
      ),
      'streams_unavailable',
    ),
  )
  model.faults.start()
  await pass(1_000)
  t.deepEqual(model.keys('partition.'), ['0'])
  await publish(two, 'b')
  await pass(100)
  t.deepEqual(got, ['"a"0', '"b"0'])
  await pass(60_000)
  t.deepEqual(got.toSorted(), ['"a"0', '"a"1', '"b"0', '"b"1'])
  t.deepEqual(model.keys('partition.'), [], 'a lease that nobody renews ends')
})

test('a full disk refuses events and leases, and free space helps only after a restart', async t => {
  const { model, join, publish, pass, until } = await open()
  const process = await join()
  const leases = await until(process.streams.leases({ leaseMs: 6_000, replicas: 1 }))
  const publishing = () =>
    until(process.streams.publish({ tenant: 'acme', type: 't', id: 'x', body: '', traceparent: null }))
  model.faults.diskFull(true)
  t.true(isFailure(await t.throwsAsync(publishing()), 'stream_full'))
  await t.throwsAsync(until(leases.take(0, 'a')))
  model.faults.diskFull(false)
  t.true(isFailure(await t.throwsAsync(publishing()), 'stream_full'))
  model.faults.stop()
  model.faults.start()
  await pass(1_000)
  await publish(process, 'a')
  model.faults.full(true)
  t.true(isFailure(await t.throwsAsync(publishing()), 'stream_full'))
  t.not(await until(leases.take(0, 'a')), null)
})

test('signals get lost as often as is wished', async t => {
  const { model, join, pass } = await open()
  const [one, two] = [await join(), await join()]
  let heard = 0
  two.streams.wakes$.subscribe(() => (heard += 1))
  model.faults.loseSignals(1)
  one.streams.wake('sub_1')
  await pass(100)
  t.is(heard, 0)
  model.faults.loseSignals(0)
  one.streams.wake('sub_1')
  await pass(100)
  t.is(heard, 1)
})

test('the same seed gives the same run, and another one another', async t => {
  const run = async (seed: number) => {
    const { join, publish, pass, now } = await open(seed)
    const [one, two] = [await join(), await join()]
    const trace: unknown[] = []
    const note = (message: VisitMessage) => {
      trace.push([now(), message.sequence, message.redeliveries])
      message.handBack(message.redeliveries < 2 ? 0 : 60_000)
    }
    read(one, note)
    await pass(50)
    read(two, note)
    await publish(two, 'a', 'b', 'c')
    one.link.cut('silent')
    await pass(30_000)
    one.link.heal()
    await pass(90_000)
    return trace
  }
  const first = await run(1)
  t.true(first.length > 6)
  t.deepEqual(await run(1), first)
  t.notDeepEqual(await run(2), first)
})
