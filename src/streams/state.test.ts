import test from 'ava'
import { publication, startStream } from '../../test/support/test-stream.ts'
import { partitionOf } from '../domain/partition.ts'
import type { ConsumerState } from './state.ts'

test('the state shows how full the stream is, and how far each partition’s consumer is behind', async t => {
  const { streams, manager, stream, consumerWhen } = await startStream(t, { partitions: 3 })
  t.deepEqual(await streams.state(), { messages: 0, bytes: 0, replicas: 1, firstAt: null })
  const [mine, others] = [partitionOf('acme', 3), partitionOf('other', 3)]
  t.not(mine, others)
  const at: number[] = []
  for (const [id, tenant] of [
    ['a1', 'acme'],
    ['o1', 'other'],
    ['a2', 'acme'],
    ['a3', 'acme'],
  ] as const) {
    const { sequence } = await streams.publish(publication(id, tenant))
    at.push((await manager.direct.getMessage(stream, { seq: sequence }))?.time.getTime() ?? 0)
  }
  const { state } = await manager.streams.info(stream)
  t.deepEqual(await streams.state(), { messages: 4, bytes: state.bytes, replicas: 1, firstAt: at[0] ?? 0 })
  t.true(state.bytes > 0)

  const untouched = { ackPending: 0, redelivered: 0 }
  const waiting: ConsumerState[] = [
    { partition: others, pending: 1, ...untouched, oldestAt: at[1] ?? 0 },
    { partition: mine, pending: 3, ...untouched, oldestAt: at[0] ?? 0 },
  ]
  t.deepEqual(await streams.consumerStates([others, mine]), waiting)
  const feed = streams.feed(mine, 100)
  const handedBack = Promise.withResolvers<void>()
  feed.messages$.subscribe(message => {
    if (message.sequence === 1) message.ack()
    if (message.sequence === 3 && message.redeliveries === 0) message.handBack()
    if (message.redeliveries === 1) handedBack.resolve()
  })
  await handedBack.promise
  await consumerWhen(({ num_ack_pending }) => num_ack_pending === 2, mine)
  const [behind] = await streams.consumerStates([mine])
  t.deepEqual(behind, { partition: mine, pending: 0, ackPending: 2, redelivered: 1, oldestAt: at[2] ?? 0 })
  await feed.stop()
  const [none] = await streams.consumerStates([3 - mine - others])
  t.deepEqual(none, { partition: 3 - mine - others, pending: 0, ...untouched, oldestAt: null })
})

test('the state of a stream that is gone is an error', async t => {
  const { streams, manager, stream } = await startStream(t)
  await manager.streams.delete(stream)
  for (const ask of [streams.state(), streams.consumerStates([0]), streams.lastSequence(), streams.isWorkedOn(0, 1)])
    await t.throwsAsync(ask, { code: 'streams_unavailable' })
  await t.throwsAsync(streams.erase(1), { code: 'streams_unavailable' })
  await t.throwsAsync(streams.read(1), { code: 'streams_unavailable' })
})

test('a partition whose consumer was removed has no state, and the others keep theirs', async t => {
  const { streams, manager, stream } = await startStream(t, { partitions: 3 })
  await manager.consumers.delete(stream, 'partition-1')
  let doubts = 0
  const following = streams.doubts$.subscribe(() => (doubts += 1))
  t.deepEqual(
    (await streams.consumerStates([0, 1, 2])).map(({ partition }) => partition),
    [0, 2],
  )
  t.true(doubts > 0, 'it is looked for')
  following.unsubscribe()
})
