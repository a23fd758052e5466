import test, { type ExecutionContext } from 'ava'
import { publication, startStream } from '../../test/support/test-stream.ts'
import type { createStreamRetention } from './retention.ts'

/** A stream in which acme and acme-2 have two messages each, and the given number of all messages is acknowledged. */
const stored = async (t: ExecutionContext, acknowledged: number) => {
  const started = await startStream(t)
  const { streams } = started
  const retention: ReturnType<typeof createStreamRetention> = streams
  for (const [id, tenant] of [
    ['a1', 'acme'],
    ['b1', 'acme-2'],
    ['a2', 'acme'],
    ['b2', 'acme-2'],
  ] as const)
    await streams.publish(publication(id, tenant))
  const feed = streams.feed(0, 100)
  const all = Promise.withResolvers<void>()
  let count = 0
  feed.messages$.subscribe(message => {
    if ((count += 1) <= acknowledged) message.ack()
    if (count === 4) all.resolve()
  })
  await all.promise
  await feed.stop()
  await started.consumerWhen(({ num_ack_pending }) => num_ack_pending === 4 - acknowledged)
  const sequences = async (tenant: string) =>
    (await streams.history({ tenant, from: 0, after: null, limit: 10 })).map(({ sequence }) => sequence)
  return { ...started, retention, sequences }
}
const later = () => Date.now() + 60_000

test('retention removes one tenant’s messages from before a moment, and no other tenant’s', async t => {
  const { retention, sequences } = await stored(t, 4)
  t.is(await retention.purgeBefore('acme', 0, later()), 2)
  t.deepEqual([await sequences('acme'), await sequences('acme-2')], [[], [2, 4]])
  t.is(await retention.purgeBefore('acme', 0, later()), 0)
})

test('retention keeps what was accepted at the moment or later', async t => {
  const { streams, consumerWhen, sequences } = await startStream(t).then(async ({ streams: opened, ...started }) => {
    const at = async (id: string) => {
      const { sequence } = await opened.publish(publication(id))
      const [message] = await opened.history({ tenant: 'acme', from: 0, after: sequence - 1, limit: 1 })
      while (Date.now() <= (message?.at ?? 0)) await opened.ping()
      return message?.at ?? 0
    }
    return { ...started, streams: opened, sequences: [await at('a'), await at('b'), await at('c')] }
  })
  const feed = streams.feed(0, 100)
  const third = Promise.withResolvers<void>()
  feed.messages$.subscribe(message => {
    message.ack()
    if (message.sequence === 3) third.resolve()
  })
  await third.promise
  await feed.stop()
  await consumerWhen(({ num_ack_pending }) => num_ack_pending === 0)
  const [a = 0, b = 0, c = 0] = sequences
  t.is(await streams.purgeBefore('acme', 0, a), 0)
  t.is(await streams.purgeBefore('acme', 0, b), 1)
  t.is(await streams.purgeBefore('acme', 0, c), 1)
  t.is((await streams.state()).messages, 1)
})

test('retention removes Doorbell’s own messages of the tenant too, and counts none of them', async t => {
  const { streams, stream, manager, consumerWhen } = await startStream(t)
  for (const [id, type] of [
    ['m', 'doorbell.mark'],
    ['a1', 'visit.created'],
    ['c', 'doorbell.configured'],
  ] as const)
    await streams.publish({ ...publication(id), type })
  await streams.publish({ ...publication('b1', 'acme-2'), type: 'doorbell.mark' })
  const feed = streams.feed(0, 100)
  const all = Promise.withResolvers<void>()
  feed.messages$.subscribe(message => {
    message.ack()
    if (message.sequence === 4) all.resolve()
  })
  await all.promise
  await feed.stop()
  await consumerWhen(({ num_ack_pending }) => num_ack_pending === 0)
  t.is(await streams.purgeBefore('acme', 0, later()), 1)
  t.is((await manager.streams.info(stream)).state.messages, 1)
})

test('retention keeps a message that no worker has acknowledged, however old it is', async t => {
  const { retention, sequences } = await stored(t, 1)
  t.is(await retention.purgeBefore('acme-2', 0, later()), 0)
  t.is(await retention.purgeBefore('acme', 0, later()), 1)
  t.deepEqual([await sequences('acme'), await sequences('acme-2')], [[3], [2, 4]])
})

test('the stream keeps messages as long as the tenant with the longest retention wants, and never less than before', async t => {
  const { streams, manager, stream, tap } = await startStream(t, { keepMs: 86_400_000 })
  const updates = await tap(`$JS.API.STREAM.UPDATE.${stream}`)
  const maxAge = async () => (await manager.streams.info(stream)).config.max_age / 1_000_000
  for (const [wanted, kept] of [
    [86_400_001, 86_400_001],
    [86_400_001, 86_400_001],
    [3_600_000, 86_400_001],
  ] as const) {
    await streams.keepFor(wanted)
    t.is(await maxAge(), kept)
  }
  t.is((await updates()).length, 1)
  await manager.streams.delete(stream)
  await t.throwsAsync(streams.keepFor(1), { code: 'streams_unavailable' })
  await t.throwsAsync(streams.purgeBefore('acme', 0, 1), { code: 'streams_unavailable' })
})
