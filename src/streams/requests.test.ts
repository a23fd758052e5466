import { mock } from 'node:test'
import test from 'ava'
import { connect, errors, headers, type Msg, type MsgCallback, type NatsConnection } from 'nats'
import { natsUrl } from '../../test/support/servers.ts'
import { freshNames, publication } from '../../test/support/test-stream.ts'
import { createPublisher } from './publisher.ts'
import { createRequests } from './requests.ts'

/** A connection whose answers the test sends. */
const fakeConnection = () => {
  const published: { subject: string; body: string; reply: string }[] = []
  const inboxes: string[] = []
  let callback: MsgCallback<Msg> = () => undefined
  const closed = Promise.withResolvers<void>()
  let fault: Error | null = null
  const connection = {
    subscribe: (subject: string, options: { callback: MsgCallback<Msg> }) => {
      inboxes.push(subject)
      callback = options.callback
    },
    publish: (subject: string, body: string, { reply, headers: all }: { reply: string; headers: object }) => {
      if (fault !== null) throw fault
      published.push({ subject, body, reply })
      return all
    },
    closed: () => closed.promise,
  }
  const message = (subject: string, body: string, code = 0): Msg =>
    ({ subject, data: Buffer.from(body), headers: { code }, string: () => body }) as unknown as Msg
  return {
    connection: connection as unknown as NatsConnection,
    published,
    inboxes,
    answer: (subject: string, body: string, code?: number) => void callback(null, message(subject, body, code)),
    failSubscription: () => void callback(new Error('permissions'), undefined as unknown as Msg),
    failPublish: (error: Error) => void (fault = error),
    close: () => closed.resolve(),
  }
}
const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  const pending = Symbol('pending')
  const first = await Promise.race([promise.catch(() => undefined), Promise.resolve(pending)])
  return first !== pending
}

test.serial('each request gets its own answer, whatever their order', async t => {
  const fake = fakeConnection()
  const { ask } = createRequests(fake.connection, 1_000)
  const answers = ['a', 'b', 'c'].map(body => ask('subject', body, headers()))
  t.deepEqual(
    fake.published.map(({ subject, body }) => [subject, body]),
    [
      ['subject', 'a'],
      ['subject', 'b'],
      ['subject', 'c'],
    ],
  )
  t.is(fake.inboxes.length, 1, 'all answers arrive at one inbox')
  t.is(new Set(fake.published.map(({ reply }) => reply)).size, 3)
  const inbox = fake.inboxes[0]?.replace('*', '') ?? ''
  for (const { body, reply } of fake.published.toReversed()) {
    t.true(reply.startsWith(inbox))
    fake.answer(reply, `to ${body}`)
  }
  t.deepEqual(
    (await Promise.all(answers)).map(answer => answer.string()),
    ['to a', 'to b', 'to c'],
  )
  t.notThrows(() => fake.answer(fake.published[0]?.reply ?? '', 'again'))
})

test.serial('a subject without a stream, a failed publish and a closed connection reject at once', async t => {
  const fake = fakeConnection()
  const { ask } = createRequests(fake.connection, 1_000)
  const unheard = ask('subject', 'a', headers())
  fake.answer(fake.published[0]?.reply ?? '', '', 503)
  await t.throwsAsync(unheard, { message: /no stream listens/ })
  const empty = ask('subject', 'b', headers())
  fake.answer(fake.published[1]?.reply ?? '', '')
  t.is((await empty).string(), '', 'an empty answer is an answer')
  const error = ask('subject', 'b', headers())
  fake.answer(fake.published[2]?.reply ?? '', '{"error":{}}', 503)
  t.is((await error).string(), '{"error":{}}', 'so is a status with a body')

  const open = ['c', 'd'].map(body => ask('subject', body, headers()))
  fake.failPublish(new errors.ClosedConnectionError())
  await t.throwsAsync(ask('subject', 'e', headers()), { instanceOf: errors.ClosedConnectionError })
  t.false(await settled(open[0] ?? Promise.resolve()))
  fake.close()
  for (const each of open) await t.throwsAsync(each, { message: /connection was closed/ })
})

test.serial(
  'a request without an answer is given up after its time, and no earlier; an answered one leaves no timer',
  async t => {
    mock.timers.enable({ apis: ['setTimeout'] })
    t.teardown(() => mock.timers.reset())
    const fake = fakeConnection()
    const { ask } = createRequests(fake.connection, 1_000)
    const answered = ask('subject', 'a', headers())
    const unanswered = ask('subject', 'b', headers())
    fake.answer(fake.published[0]?.reply ?? '', 'yes')
    fake.failSubscription()
    mock.timers.tick(999)
    t.false(await settled(unanswered))
    mock.timers.tick(1)
    await t.throwsAsync(unanswered, { message: 'no answer within 1000 ms' })
    t.is((await answered).string(), 'yes')
    fake.answer(fake.published[1]?.reply ?? '', 'too late')
  },
)

test.serial('a server that does not answer within 5 s gives an error, for one event and for a batch', async t => {
  const connection = await connect({ servers: natsUrl() })
  t.teardown(() => connection.close())
  const names = freshNames()
  for (const [title, count, answeredFirst] of [
    ['one', 1, false],
    ['a batch that does not begin', 2, false],
    ['a batch that does not end', 2, true],
  ] as const) {
    const heard = Promise.withResolvers<void>()
    const silent = connection.subscribe(`${names.root}.in.>`, {
      callback: (_, message) => {
        const isFirst = message.headers?.get('Nats-Batch-Sequence') === '1'
        if (answeredFirst && isFirst) message.respond()
        if (!answeredFirst || message.headers?.get('Nats-Batch-Commit') === '1') heard.resolve()
      },
    })
    mock.timers.enable({ apis: ['setTimeout'] })
    const { publish } = createPublisher(connection, names, true)
    const published = Array.from({ length: count }, (_, index) => publish(publication(String(index))))
    await heard.promise
    mock.timers.tick(4_999)
    t.false(await settled(published[0] ?? Promise.resolve()), title)
    mock.timers.tick(1)
    mock.timers.reset()
    for (const each of published) await t.throwsAsync(each, { code: 'streams_unavailable' }, title)
    silent.unsubscribe()
  }
})

test.serial('an event for a stream that does not exist is refused at once', async t => {
  const connection = await connect({ servers: natsUrl() })
  t.teardown(() => connection.close())
  const { publish } = createPublisher(connection, freshNames(), true)
  for (const count of [1, 2])
    for (const each of Array.from({ length: count }, (_, index) => publish(publication(String(index)))))
      await t.throwsAsync(each, { code: 'streams_unavailable' })
})
