import { setImmediate as turn } from 'node:timers/promises'
import { jetstreamManager } from '@nats-io/jetstream'
import test, { type ExecutionContext } from 'ava'
import { headers } from 'nats'
import { firstValueFrom, lastValueFrom, type Observable, ReplaySubject, skip, take, toArray } from 'rxjs'
import { connectProcess, publication, startStream, streamOptions } from '../../test/support/test-stream.ts'
import { until } from '../../test/support/until.ts'
import type { Failure } from '../domain/failure.ts'
import type { VisitMessage } from '../domain/visit-message.ts'
import { partitionOf } from '../domain/partition.ts'
import type { StreamAccess } from './access.ts'
import { createFeed, type Feed } from './feed.ts'

/** The next messages of a feed; it is read from now on. */
const messagesOf = ({ messages$ }: Feed): Observable<VisitMessage> => {
  const messages = new ReplaySubject<VisitMessage>()
  messages$.subscribe(messages)
  return messages
}
const next = (messages: Observable<VisitMessage>, count: number) =>
  firstValueFrom(messages.pipe(take(count), toArray()))
const textsOf = (messages: readonly VisitMessage[]) => messages.map(message => message.text())

const publishAll = async (t: ExecutionContext, ...ids: string[]) => {
  const started = await startStream(t)
  for (const id of ids) await started.streams.publish(publication(id))
  return started
}

test('a message arrives as it was published, with its place in the stream', async t => {
  const { streams, connection, stream } = await startStream(t, { partitions: 3 })
  const from = Date.now()
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const event = { tenant: 'acme', type: 'visit.checked_in', id: 'evt-1', body: '{"name":"Zoë"}', traceparent }
  await streams.publish(event)
  await streams.publish({ ...event, id: 'evt-2', traceparent: null })
  connection.publish(`${stream}.in.acme.visit.checked_in`, new Uint8Array([0xff, 0x7b]))
  await connection.flush()
  const feed = streams.feed(partitionOf('acme', 3), 100)
  const [first, second, third] = await next(messagesOf(feed), 3)
  t.like(first, { partition: 1, tenant: 'acme', type: 'visit.checked_in', sequence: 1, redeliveries: 0, traceparent })
  t.is(first?.text(), event.body)
  t.deepEqual(first?.rawBytes, Buffer.from(event.body))
  t.true(first !== undefined && first.at >= from - 1 && first.at <= Date.now() + 1 && Number.isInteger(first.at))
  t.like(second, { sequence: 2, traceparent: null })
  t.throws(() => third?.text(), { code: 'not_utf8' })
  await feed.stop()
})

test('what a killed process had in hand comes again at once, not after the ack wait, and then the feed has caught up', async t => {
  const { streams, names, consumerWhen } = await publishAll(t, 'a', 'b', 'c', 'd')
  const killed = await connectProcess(t, { names })
  const [a, , c] = await next(messagesOf(killed.streams.feed(0, 100)), 4)
  a?.ack()
  c?.ack()
  await killed.streams.close()
  await consumerWhen(({ num_ack_pending }) => num_ack_pending === 2)
  await streams.publish(publication('e'))
  const feed = streams.feed(0, 100)
  let hadNothing = false
  void feed.nothingInHand.then(() => (hadNothing = true))
  const messages = messagesOf(feed)
  t.is((await next(messages, 1))[0]?.text(), '{"id":"b"}', 'before what was published later')
  const again = await next(messages, 4)
  // The server's acknowledged position is behind "a": what was acknowledged out of order comes again, too.
  t.deepEqual(
    textsOf(again),
    ['b', 'c', 'd', 'e'].map(id => `{"id":"${id}"}`),
  )
  t.deepEqual(
    again.map(({ caughtUp }) => caughtUp),
    [false, false, true, true],
  )
  t.false(hadNothing)
  for (const message of again) message.ack()
  await feed.stop()
  t.is((await consumerWhen(({ num_ack_pending }) => num_ack_pending === 0)).num_pending, 0)
})

test('a feed whose predecessor acknowledged everything says so at its start', async t => {
  const { streams, consumerWhen } = await publishAll(t, 'a', 'b')
  const first = streams.feed(0, 100)
  for (const message of await next(messagesOf(first), 2)) message.ack()
  await first.stop()
  await consumerWhen(({ num_ack_pending }) => num_ack_pending === 0)
  const second = streams.feed(0, 100)
  const messages = messagesOf(second)
  let hadNothing = false
  void second.nothingInHand.then(() => (hadNothing = true))
  await streams.publish(publication('c'))
  await next(messages, 1)
  t.true(hadNothing)
  await second.stop()
})

test('when the messages that a killed process had in hand are gone, the next one counts as caught up', async t => {
  const { streams, manager, stream, connection } = await publishAll(t, 'a', 'b', 'c')
  await next(messagesOf(streams.feed(0, 100)), 3)
  await streams.close()
  const access = {
    connection,
    manager,
    names: { stream, root: stream },
    answered: <T>(ask: () => Promise<T>) => ask(),
    doubt: () => undefined,
  }
  // The server reports what it delivered, and "c" goes while the new feed starts.
  const reset = async (...parameters: Parameters<typeof manager.consumers.reset>) => {
    await manager.streams.deleteMessage(stream, 3)
    return manager.consumers.reset(...parameters)
  }
  const feed = createFeed(faked(access, { reset }), { partition: 0, window: 100 })
  const again = await next(messagesOf(feed), 2)
  t.deepEqual(
    again.map(({ caughtUp }) => caughtUp),
    [false, true],
  )
  await feed.stop()
})

test('each end of a message reaches the server as such, and only an acknowledged or discarded one does not come again', async t => {
  const { streams, tap, stream, consumerWhen } = await publishAll(t, 'ack', 'working', 'now', 'later', 'discard')
  const ends = await tap(`$JS.ACK.${stream}.partition-0.>`)
  const feed = streams.feed(0, 100)
  const messages = messagesOf(feed)
  const [ack, working, now, later, discard] = await next(messages, 5)
  ack?.ack()
  working?.working()
  now?.handBack()
  later?.handBack(3_600_000)
  discard?.discard('not JSON')
  const back = (await next(messages, 6)).at(-1)
  t.like(back, { sequence: now?.sequence, redeliveries: 1 })
  const heard = (await ends()).map(end => end.string())
  t.deepEqual(heard, ['+ACK', '+WPI', '-NAK', `-NAK ${JSON.stringify({ delay: 3_600_000_000_000 })}`, '+TERM not JSON'])
  back?.ack()
  await feed.stop()
  // What is worked on, and what was handed back for later.
  t.is((await consumerWhen(({ num_ack_pending }) => num_ack_pending === 2)).num_pending, 0)
})

test('a feed asks for as many messages as its window holds, and notices when the server forgets it', async t => {
  const { streams, tap, stream } = await publishAll(t, 'a')
  const pulls = await tap(`$JS.API.CONSUMER.MSG.NEXT.${stream}.partition-0`)
  const feed = streams.feed(0, 7)
  await next(messagesOf(feed), 1)
  const pull = (await pulls())[0]?.json<{ batch: number; expires: number; idle_heartbeat: number }>()
  t.is(pull?.batch, 7)
  t.true(pull !== undefined && pull.idle_heartbeat > 0 && pull.idle_heartbeat * 2 <= pull.expires)
  await feed.stop()
})

test('a window of unacknowledged messages is not exceeded, until one of them ends', async t => {
  const { streams, manager, stream } = await startStream(t, { window: 2 })
  for (const id of ['a', 'b', 'c']) await streams.publish(publication(id))
  const feed = streams.feed(0, 100)
  const messages = messagesOf(feed)
  const [first] = await next(messages, 2)
  const { num_ack_pending, num_pending } = await manager.consumers.info(stream, 'partition-0')
  t.deepEqual([num_ack_pending, num_pending], [2, 1])
  first?.ack()
  t.is((await next(messages, 3)).at(-1)?.text(), '{"id":"c"}')
  await feed.stop()
})

test('a stopped feed ends, keeps what it received, and takes nothing more', async t => {
  const { streams, consumerWhen } = await publishAll(t, 'a')
  const feed = streams.feed(0, 100)
  const messages = messagesOf(feed)
  const [received] = await next(messages, 1)
  await Promise.all([feed.stop(), feed.stop()])
  received?.ack()
  await streams.publish(publication('b'))
  t.is((await lastValueFrom(messages.pipe(toArray()))).length, 1)
  const ended = await consumerWhen(info => info.num_ack_pending === 0 && info.num_waiting === 0)
  t.is(ended.num_pending, 1)
})

test('who stops reading a feed ends its pull', async t => {
  const { streams, consumerWhen } = await publishAll(t, 'a')
  const { messages$ } = streams.feed(0, 100)
  await firstValueFrom(messages$)
  t.is((await consumerWhen(({ num_waiting }) => num_waiting === 0)).num_ack_pending, 1)
})

test('a feed whose consumer is removed continues with the next one, and the loss is reported', async t => {
  const { streams, manager, stream } = await publishAll(t, 'a', 'b')
  let doubts = 0
  const following = streams.doubts$.subscribe(() => (doubts += 1))
  t.teardown(() => following.unsubscribe())
  const waits: unknown[] = []
  const feed = streams.feed(0, 100, error => waits.push(error))
  const messages = messagesOf(feed)
  for (const message of await next(messages, 2)) message.ack()
  await manager.consumers.delete(stream, 'partition-0')
  await until(() => doubts > 0)
  await streams.publish(publication('c'))
  await streams.ensure(streamOptions)
  const [again, , c] = await next(messages.pipe(skip(2)), 3)
  t.deepEqual([again?.text(), c?.text()], ['{"id":"a"}', '{"id":"c"}'], 'nothing is known of what was processed')
  await feed.stop()
  t.deepEqual(waits, [], 'who restores the consumer says so')
})

test('what a changed filter brings of other partitions is not read, and the change is reported', async t => {
  const { streams, manager, stream } = await startStream(t, { partitions: 3 })
  const doubts = firstValueFrom(streams.doubts$)
  const [own, other] = [partitionOf('acme', 3), partitionOf('beta', 3)]
  t.not(own, other)
  await manager.consumers.update(stream, `partition-${own}`, { filter_subject: `${stream}.>` })
  await streams.publish(publication('a', 'beta'))
  await streams.publish(publication('b'))
  const feed = streams.feed(own, 100)
  t.deepEqual(textsOf(await next(messagesOf(feed), 1)), ['{"id":"b"}'])
  await doubts
  await feed.stop()
})

test('a feed waits for a consumer that is not there yet, and can be stopped meanwhile', async t => {
  const { streams, manager, stream } = await publishAll(t, 'a')
  await manager.consumers.delete(stream, 'partition-0')
  const [waiting, stopped] = [streams.feed(0, 100), streams.feed(0, 100)]
  const [messages, none] = [messagesOf(waiting), messagesOf(stopped)]
  await stopped.stop()
  t.deepEqual(await lastValueFrom(none.pipe(toArray())), [])
  await streams.ensure(streamOptions)
  t.is((await next(messages, 1))[0]?.text(), '{"id":"a"}')
  await waiting.stop()
})

test('a feed whose pull the server refuses reports that and pulls again', async t => {
  const { streams, tap, stream, connection } = await publishAll(t, 'a')
  const pulls = await tap(`$JS.API.CONSUMER.MSG.NEXT.${stream}.partition-0`)
  const waits: unknown[] = []
  const feed = streams.feed(0, 100, (error, delayMs) => waits.push([(error as Failure).code, delayMs]))
  const messages = messagesOf(feed)
  await next(messages, 1)
  connection.publish((await pulls())[0]?.reply ?? '', '', { headers: headers(400, 'Bad Request') })
  t.is((await next(messages, 2))[1]?.text(), '{"id":"a"}', 'what was not acknowledged comes again')
  t.deepEqual(waits, [['streams_unavailable', 100]])
  await feed.stop()
})

/** The access with other requests about consumers. */
const faked = (access: StreamAccess, consumers: Partial<StreamAccess['manager']['consumers']>): StreamAccess => ({
  ...access,
  manager: {
    streams: access.manager.streams,
    consumers: {
      info: (...parameters) => access.manager.consumers.info(...parameters),
      reset: (...parameters) => access.manager.consumers.reset(...parameters),
      ...consumers,
    },
  } as StreamAccess['manager'],
})

for (const moment of ['info', 'reset'] as const)
  test(`a feed that is stopped while it starts (${moment}) pulls nothing, and its owner waits for it`, async t => {
    const { stream, connection, names } = await publishAll(t, 'a')
    const manager = await jetstreamManager(connection)
    const begun = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const done: string[] = []
    const gated =
      <P extends unknown[], R>(name: string, request: (...parameters: P) => Promise<R>) =>
      async (...parameters: P): Promise<R> => {
        if (name === moment) {
          begun.resolve()
          await gate.promise
        }
        done.push(name)
        return request(...parameters)
      }
    const access = { connection, manager, names, answered: <T>(ask: () => Promise<T>) => ask(), doubt: () => undefined }
    const feed = createFeed(
      faked(access, {
        info: gated('info', (...parameters) => manager.consumers.info(...parameters)),
        reset: gated('reset', (...parameters) => manager.consumers.reset(...parameters)),
      }),
      { partition: 0, window: 100 },
    )
    const messages = messagesOf(feed)
    await begun.promise
    let stopped = false
    const stopping = feed.stop().then(() => (stopped = true))
    await turn()
    t.false(stopped)
    gate.resolve()
    await stopping
    t.deepEqual(await lastValueFrom(messages.pipe(toArray())), [])
    // Another owner may read by now, and a reset would disturb it.
    t.deepEqual(done, moment === 'info' ? ['info'] : ['info', 'reset'])
    const { num_waiting, num_pending } = await manager.consumers.info(stream, 'partition-0')
    t.deepEqual([num_waiting, num_pending], [0, 1])
  })
