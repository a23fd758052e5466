import { AckPolicy, DeliverPolicy, DiscardPolicy, type StreamConfig } from '@nats-io/jetstream'
import test, { type ExecutionContext } from 'ava'
import { firstValueFrom, take, toArray } from 'rxjs'
import { connectProcess, publication, startStream, streamOptions } from '../../../test/support/test-stream.ts'
import { markKey } from '../consumers.ts'
import { mappingTo } from '../mapping.ts'
import { until } from '../../../test/support/until.ts'
import type { StreamOptions } from '../stream-config.ts'
import type { Progress } from './progress.ts'

const partitions = 3

/** A stream with three partitions, whose progress is in memory, and its requirements. */
const start = async (t: ExecutionContext, options: Partial<StreamOptions> = {}) => {
  let known: Progress = { processed: new Map(), highest: null }
  const save = async ({ processed, highest }: Progress) =>
    void (known = { processed: new Map([...known.processed, ...processed]), highest })
  const progress = { load: async () => known, save }
  const wanted = { ...streamOptions, partitions, progress, ...options }
  const started = await startStream(t, wanted)
  const { streams, stream } = started
  const publish = async (...ids: string[]) => {
    for (const id of ids) await streams.publish(publication(id))
  }
  /** Compares everything once; returns what was found. */
  const check = async (change: Partial<StreamOptions> = {}) => {
    const found: string[] = []
    for (const requirement of streams.requirements({ ...wanted, ...change }))
      for (const { object, difference, outcome } of await requirement.check())
        found.push(`${object.replaceAll(stream, 'S')} ${difference}: ${outcome}`)
    return found
  }
  /** Reads the next messages of acme’s partition; returns their texts. */
  const next = async (count: number, ack = true) => {
    const feed = streams.feed(1, 100)
    const messages = await firstValueFrom(feed.messages$.pipe(take(count), toArray()))
    if (ack) for (const message of messages) message.ack()
    await feed.stop()
    return messages.map(message => (JSON.parse(message.text()) as { id: string }).id)
  }
  const store = async () => progress.save(await streams.progress())
  return { ...started, publish, check, next, store, wanted }
}

test('what was created is as needed, and nothing is changed', async t => {
  const { check, tap, stream } = await start(t)
  const updates = await tap(`$JS.API.STREAM.UPDATE.${stream}`)
  t.deepEqual(await check(), [])
  t.is((await updates()).length, 0)
})

test('the progress is what is acknowledged, or the stream’s end where nothing waits', async t => {
  const { publish, next, streams, consumerWhen } = await start(t)
  await publish('a', 'b', 'c')
  await next(2)
  await consumerWhen(({ ack_floor }) => ack_floor.stream_seq === 2, 1)
  const before = Date.now()
  const { processed, highest } = await streams.progress()
  t.deepEqual([...processed].toSorted(), [
    [0, 3],
    [1, 2],
    [2, 3],
  ])
  t.is(highest?.sequence, 3)
  t.true((highest?.at ?? 0) >= before)
})

test('a lost consumer begins behind what was processed, and one that was created by other means is replaced', async t => {
  const { publish, next, check, store, manager, stream, consumerWhen } = await start(t)
  await publish('a', 'b', 'c')
  await next(2)
  await consumerWhen(({ ack_floor }) => ack_floor.stream_seq === 2, 1)
  await store()
  await manager.consumers.delete(stream, 'partition-1')
  await manager.consumers.delete(stream, 'partition-2')
  t.deepEqual(await check(), ['consumers partition-1, partition-2 of S is missing: restored'])
  t.deepEqual(await next(1, false), ['c'])

  await manager.consumers.delete(stream, 'partition-1')
  const own = { durable_name: 'partition-1', ack_policy: AckPolicy.Explicit, filter_subject: `${stream}.1.>` }
  await manager.consumers.add(stream, { ...own, deliver_policy: DeliverPolicy.New })
  t.deepEqual(await check(), ['consumer partition-1 of S was created by other means: restored'])
  t.deepEqual(await next(1), ['c'])
  t.deepEqual(await check(), [])
})

test('a consumer from an earlier version stays where it is', async t => {
  const { publish, next, check, manager, stream, consumerWhen } = await start(t)
  await publish('a', 'b')
  await next(1)
  await consumerWhen(({ ack_floor }) => ack_floor.stream_seq === 1, 1)
  await manager.consumers.update(stream, 'partition-1', { metadata: {} })
  t.deepEqual(await check(), [])
  t.is((await manager.consumers.info(stream, 'partition-1')).config.metadata?.[markKey], '1')
  t.deepEqual(await next(1), ['b'])
})

test('a consumer whose settings the server does not change back is created again at its place', async t => {
  const { publish, next, check, store, manager, stream, consumerWhen } = await start(t)
  await publish('a', 'b')
  await next(1)
  await consumerWhen(({ ack_floor }) => ack_floor.stream_seq === 1, 1)
  await store()
  const { config } = await manager.consumers.info(stream, 'partition-1')
  await manager.consumers.delete(stream, 'partition-1')
  await manager.consumers.add(stream, { ...config, mem_storage: true, ack_wait: 7_000_000_000 })
  t.deepEqual(await check(), [
    'consumer partition-1 of S mem_storage is true, not unset: restored',
    'consumer partition-1 of S ack_wait is 7 s, not 600 s: restored',
  ])
  t.deepEqual(await next(1), ['b'])
  t.deepEqual(await check(), [])
})

for (const [difference, change] of [
  ['filter_subject is other.>, not S.1.>', { filter_subject: 'other.>' }],
  ['headers_only is true, not unset', { headers_only: true }],
] as const)
  test(`what a changed consumer passed over comes again: ${difference}`, async t => {
    const { publish, check, store, manager, stream, streams, consumerWhen } = await start(t)
    const texts: string[] = []
    const feed = streams.feed(1, 100)
    feed.messages$.subscribe(message => {
      texts.push(message.text())
      message.ack()
    })
    await publish('a')
    await consumerWhen(({ ack_floor }) => ack_floor.stream_seq === 1, 1)
    await store()
    await manager.consumers.update(stream, 'partition-1', change)
    await publish('b')
    await consumerWhen(({ num_pending, num_ack_pending }) => num_pending + num_ack_pending === 0, 1)
    const doubts = firstValueFrom(streams.doubts$)
    await store()
    await doubts
    t.deepEqual(await check(), [`consumer partition-1 of S ${difference.replace('S', stream)}: restored`])
    await until(() => texts.includes('{"id":"b"}'))
    t.deepEqual(await check(), [])
    await feed.stop()
  })

test('a consumer that was set to a message that does not exist yet begins again behind what was processed', async t => {
  const { publish, next, check, store, stream, connection, consumerWhen } = await start(t)
  await publish('a', 'b')
  await next(1)
  await consumerWhen(({ ack_floor }) => ack_floor.stream_seq === 1, 1)
  await store()
  await connection.request(`$JS.API.CONSUMER.RESET.${stream}.partition-1`, '{"seq":1000}')
  await store()
  t.deepEqual(await check(), ['consumer partition-1 of S is ahead of the stream, at message 999: restored'])
  t.deepEqual(await next(1), ['b'])
  t.deepEqual(await check(), [])
})

test('a copy of a consumer that begins with new messages begins again behind what was processed', async t => {
  const { publish, next, check, store, manager, stream, consumerWhen } = await start(t)
  await publish('a', 'b')
  await next(1)
  await consumerWhen(({ ack_floor }) => ack_floor.stream_seq === 1, 1)
  await store()
  const { config } = await manager.consumers.info(stream, 'partition-1')
  await manager.consumers.delete(stream, 'partition-1')
  await manager.consumers.add(stream, { ...config, deliver_policy: DeliverPolicy.New })
  await store()
  t.deepEqual(await check(), ['consumer partition-1 of S was created by other means: restored'])
  t.deepEqual(await next(1), ['b'])
  t.deepEqual(await check(), [])
})

test('a stream that is lost gets the numbers behind the highest known one; a first stream begins with 1', async t => {
  const { publish, check, store, manager, stream, streams } = await start(t)
  t.is((await streams.publish(publication('a'))).sequence, 1)
  await publish('b')
  await store()
  await manager.streams.delete(stream)
  t.deepEqual(await check(), [
    'stream S is missing: restored',
    'consumers partition-0, partition-1, partition-2 of S is missing: restored',
  ])
  t.is((await streams.publish(publication('c'))).sequence, 1_000_003)
  t.deepEqual(await check(), [])
})

test('two processes that restore at the same time do not disturb each other', async t => {
  const { check, store, publish, manager, stream, streams, next } = await start(t)
  await publish('a')
  await store()
  await manager.streams.delete(stream)
  await manager.streams.delete(`KV_${stream}_FLEET`)
  const found = (await Promise.all([check(), check(), check()])).flat()
  for (const what of ['bucket S_FLEET is missing', 'stream S is missing'])
    t.true(
      found.some(each => each.startsWith(what)),
      what,
    )
  await streams.publish(publication('b'))
  t.deepEqual(await next(1), ['b'])
  t.deepEqual(await check(), [])
})

test('a stream with lower numbers than the known ones keeps its messages under higher ones', async t => {
  const { check, store, publish, manager, stream, streams, next } = await start(t)
  await publish('a', 'b', 'c')
  await store()
  const { config } = await manager.streams.info(stream)
  await manager.streams.delete(stream)
  await manager.streams.add(config)
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await streams.publish({ ...publication('d'), traceparent })
  await publish('e')
  t.deepEqual(await check(), ['consumers partition-0, partition-1, partition-2 of S is missing: restored'])
  const kept = await streams.history({ tenant: 'acme', from: 0, after: null, limit: 10 })
  t.deepEqual(
    kept.map(({ sequence, text }) => [sequence, text]),
    [
      [1_000_004, '{"id":"d"}'],
      [1_000_005, '{"id":"e"}'],
    ],
  )
  t.is((await manager.direct.getMessage(stream, { seq: 1_000_004 }))?.header.get('traceparent'), traceparent)
  t.true((await streams.publish(publication('d'))).duplicate)
  t.deepEqual(await next(2), ['d', 'e'])
  await t.throwsAsync(manager.streams.info(`${stream}_RENUMBERED`))
})

test('a mapping that was removed is restored if the stream has as many consumers; that of another version stays', async t => {
  const { check, manager, stream } = await start(t)
  await manager.streams.update(stream, { subject_transform: undefined } as never)
  const [wrong] = await check({ partitions: 2 })
  t.regex(wrong ?? '', /^stream S subject_transform is unset, not .*: broken$/)
  t.is((await manager.streams.info(stream)).config.subject_transform, undefined)
  t.regex((await check())[0] ?? '', /^stream S subject_transform is unset, not .*: restored$/)
  t.deepEqual(await check(), [])

  const { subject_transform: ours } = mappingTo({ stream, root: stream }, partitions)
  const other = { src: ours.src, dest: `${stream}.v2.{{partition(3,1)}}.{{wildcard(1)}}.>` }
  await manager.streams.update(stream, { subject_transform: other })
  t.regex((await check())[0] ?? '', /^stream S subject_transform is .*: broken$/)
  t.deepEqual((await manager.streams.info(stream)).config.subject_transform, other)
})

test('a stream that is closed for a change of its partitions is opened only under the lock, and another number is left alone', async t => {
  const { check, manager, stream, streams } = await start(t)
  const leases = await streams.leases({ leaseMs: 6_000, replicas: 1 })
  await manager.streams.update(stream, { subjects: [`${stream}_closed`] })
  const held = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const changing = leases.exclusively(async renew => {
    begun.resolve()
    await held.promise
    await renew()
    await manager.streams.update(stream, { ...mappingTo({ stream, root: stream }, 5) })
  })
  await begun.promise
  const checking = check()
  held.resolve()
  await changing
  t.deepEqual(await checking, [])
  t.is((await manager.streams.info(stream)).config.subject_transform?.dest.includes('partition(5,1)'), true)
})

test('a limit that dropped events before they were processed is lifted, and the line says how many may be lost', async t => {
  const { publish, next, store, manager, stream, streams, wanted, consumerWhen } = await start(t)
  await publish('a', 'b', 'c', 'd', 'e')
  await next(2)
  await consumerWhen(({ ack_floor }) => ack_floor.stream_seq === 2, 1)
  await store()
  await manager.streams.update(stream, { discard: DiscardPolicy.Old, max_msgs: 1 })
  const found = await streams.requirements(wanted)[1]?.check()
  t.deepEqual(
    found?.map(({ difference, outcome }) => `${difference}: ${outcome}`),
    ['discard is old, not new: restored', 'max_msgs is 1, not -1: restored'],
  )
  t.regex(found?.[0]?.remedy ?? '', /Up to 2 events were dropped before they were processed: .* shortly before \d{4}-/)
  await manager.streams.update(stream, { allow_direct: false })
  await next(1)
  await consumerWhen(({ ack_floor }) => ack_floor.stream_seq === 5, 1)
  await store()
  const [later] = (await streams.requirements(wanted)[1]?.check()) ?? []
  t.is(later?.remedy, 'change the settings of Doorbell instead, or leave this one as it is')
})

test('what NATS never changes back is broken, with what to do; the rest is restored', async t => {
  const { check, manager, stream } = await start(t)
  await manager.streams.update(stream, { deny_purge: true, discard: 'old' } as unknown as StreamConfig)
  t.deepEqual(await check(), [
    'stream S discard is old, not new: restored',
    'stream S deny_purge is true, not unset: broken',
  ])
  t.deepEqual(await check(), ['stream S deny_purge is true, not unset: broken'])
})

test('a bucket that the server does not change back is created again, and nobody takes a lease from it at once', async t => {
  const { check, manager, stream, streams, names } = await start(t, { leaseMs: 2_000 })
  const leases = await streams.leases({ leaseMs: 2_000, replicas: 1 })
  const bucket = `KV_${stream}_FLEET`
  await manager.streams.update(bucket, { max_age: 60_000_000_000 })
  t.deepEqual(await check(), ['bucket S_FLEET max_age is 60 s, not 2 s: restored'])
  await manager.streams.update(bucket, { deny_purge: true, allow_rollup_hdrs: false })
  t.deepEqual(await check(), ['bucket S_FLEET deny_purge is true, not unset: restored'])
  t.is(await leases.take(0, 'worker-a'), null, 'its former owner may not know yet')
  const other = await connectProcess(t, { names })
  const theirs = await other.streams.leases({ leaseMs: 2_000, replicas: 1 })
  t.is(await theirs.take(0, 'worker-b'), null)
  let taken = null
  while (taken === null) taken = await theirs.take(0, 'worker-b')
  t.is(taken.partition, 0)
})

test('a server that does not answer has lost nothing: a comparison fails, and changes nothing', async t => {
  const { check, streams } = await start(t)
  await streams.close()
  await t.throwsAsync(check(), { code: 'streams_unavailable' })
})
