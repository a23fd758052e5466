import { JetStreamApiError } from '@nats-io/jetstream'
import test from 'ava'
import { publication, startStream } from '../../test/support/test-stream.ts'
import { until } from '../../test/support/until.ts'
import { partitionOf } from '../domain/partition.ts'
import type { StreamAccess } from './access.ts'
import { createStreamErase } from './erase.ts'

test('an erased message is gone and its bytes are overwritten; to erase it again changes nothing', async t => {
  const { streams, tap, stream } = await startStream(t)
  t.is(await streams.lastSequence(), 0)
  for (const id of ['a', 'b', 'c']) await streams.publish(publication(id))
  t.is(await streams.lastSequence(), 3)
  const asked = await tap(`$JS.API.STREAM.MSG.DELETE.${stream}`)
  t.deepEqual([await streams.erase(2), await streams.erase(2), await streams.erase(99)], [true, false, false])
  t.falsy((await asked())[0]?.json<{ no_erase?: boolean }>().no_erase)
  t.deepEqual(await Promise.all([0, 1, 2, 3, 99].map(streams.read)), [null, '{"id":"a"}', null, '{"id":"c"}', null])
})

test('a message that cannot be erased is an error; one that was gone is not, whichever way the server says so', async t => {
  const eraseWith = (error: Error) =>
    createStreamErase({
      manager: {
        streams: {
          deleteMessage: async () => {
            throw error
          },
        },
      },
      names: { stream: 'VISITS', root: 'visits' },
      answered: <T>(ask: () => Promise<T>) => ask(),
    } as unknown as StreamAccess).erase(1)
  const answer = (err_code: number) => new JetStreamApiError({ code: 400, err_code, description: 'no' })
  for (const code of [10_037, 10_043, 10_057]) t.false(await eraseWith(answer(code)))
  await t.throwsAsync(eraseWith(answer(10_059)), { instanceOf: JetStreamApiError }, 'no stream')
  await t.throwsAsync(eraseWith(new Error('timeout')), { message: 'timeout' })
})

test('a partition is worked on when all its messages up to there are acknowledged, or when it has none left', async t => {
  const { streams, stream, manager } = await startStream(t, { partitions: 3 })
  const partition = partitionOf('acme', 3)
  const empty = partitionOf('other', 3)
  t.not(partition, empty)
  t.true(await streams.isWorkedOn(partition, 5), 'nothing was ever published')
  for (const id of ['a', 'b', 'c']) await streams.publish(publication(id))
  t.deepEqual([await streams.isWorkedOn(partition, 1), await streams.isWorkedOn(empty, 1)], [false, true])
  const feed = streams.feed(partition, 2)
  const messages: { ack(): void }[] = []
  const third = Promise.withResolvers<void>()
  feed.messages$.subscribe(message => messages.push(message) === 3 && third.resolve())
  await third.promise
  t.deepEqual(await Promise.all([1, 3].map(upTo => streams.isWorkedOn(partition, upTo))), [false, false])
  t.is(await streams.workedOnTo(partition), 0)
  messages[0]?.ack()
  messages[1]?.ack()
  await until(() => streams.isWorkedOn(partition, 2))
  t.deepEqual([await streams.workedOnTo(partition), await streams.workedOnTo(empty)], [2, 0])
  t.deepEqual(await Promise.all([1, 2, 3].map(upTo => streams.isWorkedOn(partition, upTo))), [true, true, false])
  messages[2]?.ack()
  t.true(await until(() => streams.isWorkedOn(partition, 1_000)), 'later sequences are other partitions’')
  t.is(await streams.workedOnTo(partition), 3, 'what is published next is not worked on')
  await feed.stop()
  await manager.consumers.delete(stream, `partition-${partition}`)
  t.is(await streams.workedOnTo(partition), 0, 'of a lost consumer nothing is known')
})
