import { jetstream } from '@nats-io/jetstream'
import test, { type ExecutionContext } from 'ava'
import { connect } from 'nats'
import { freshName, natsUrl } from '../../test/support/servers.ts'
import { connectStreams } from './connect.ts'
import { publishBatch } from './publish-batch.ts'

const log = { info: () => undefined, warn: () => undefined }
const options = {
  partitions: 4,
  replicas: 1,
  keepMs: 7 * 24 * 60 * 60_000,
  ackWaitMs: 30_000,
  window: 100,
  leaseMs: 6_000,
}

const streams = async (t: ExecutionContext, { groupCommit = true, maxBytes = -1 } = {}) => {
  const name = freshName('visits')
  const made = await connectStreams({ url: natsUrl(), log, names: { stream: name, root: name }, groupCommit })
  t.teardown(made.close)
  await made.ensure({ ...options, maxBytes })
  return { ...made, name }
}
const publication = (id: string, tenant = 'acme', body = `{"id":"${id}"}`) => ({
  tenant,
  type: 'visit.created',
  id,
  body,
  traceparent: null,
})

test('concurrent events share atomic batches, and each gets its own sequence', async t => {
  const { publish, read } = await streams(t)
  const published = await Promise.all(Array.from({ length: 600 }, (_, index) => publish(publication(`e-${index}`))))
  t.deepEqual(new Set(published.map(({ sequence }) => sequence)).size, 600)
  t.true(published.every(({ duplicate }) => !duplicate))
  t.is(await read(published[321]?.sequence ?? 0), '{"id":"e-321"}')
})

test('without group commit concurrent events are published one by one, with the same promises', async t => {
  const { publish, read } = await streams(t, { groupCommit: false })
  const ids = Array.from({ length: 200 }, (_, index) => `e-${index % 150}`)
  const published = await Promise.all(ids.map(id => publish(publication(id))))
  t.is(published.filter(({ duplicate }) => duplicate).length, 50)
  t.is(new Set(published.map(({ sequence }) => sequence)).size, 150)
  t.is(await read(published[21]?.sequence ?? 0), '{"id":"e-21"}')
  const full = await streams(t, { groupCommit: false, maxBytes: 2_000 })
  const refused = Promise.all(ids.map(id => full.publish(publication(id))))
  await t.throwsAsync(refused, { code: 'stream_full' })
})

test('a batch with an id that the stream knows is published nevertheless, and of the same id twice one is a duplicate', async t => {
  const { publish } = await streams(t)
  await publish(publication('known'))
  const [a, known, ...twice] = await Promise.all(['a', 'known', 'b', 'b'].map(id => publish(publication(id))))
  t.false(a?.duplicate)
  t.true(known?.duplicate)
  t.is(twice.filter(({ duplicate }) => duplicate).length, 1)
})

test('a batch that the server refuses is reported as refused, and one that it does not answer is an error', async t => {
  const { name } = await streams(t)
  const connection = await connect({ servers: natsUrl() })
  t.teardown(() => connection.close())
  const client = jetstream(connection)
  const outgoing = (id: string) => ({ subject: `${name}.in.acme.visit.created`, id, publication: publication(id) })
  t.is(await publishBatch(client, [outgoing('a'), outgoing('b')]), 2)
  t.is(await publishBatch(client, [outgoing('c'), outgoing('a')]), null)
  await connection.close()
  await t.throwsAsync(publishBatch(client, [outgoing('d'), outgoing('e')]))
})

test('the same id of two tenants is two events', async t => {
  const { publish } = await streams(t)
  const published = await Promise.all(['one', 'two'].map(tenant => publish(publication('same', tenant))))
  t.deepEqual(
    published.map(({ duplicate }) => duplicate),
    [false, false],
  )
})

test('a full stream refuses with stream_full and keeps its messages', async t => {
  const { publish } = await streams(t, { maxBytes: 20_000 })
  const big = (id: string) => publication(id, 'acme', JSON.stringify({ id, note: 'x'.repeat(8_000) }))
  const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map(id => publish(big(id))))
  const codes = results.flatMap(result =>
    result.status === 'rejected' ? [(result.reason as { code: string }).code] : [],
  )
  t.true(codes.length >= 2)
  t.deepEqual([...new Set(codes)], ['stream_full'])
})

test('a tenant’s messages all arrive in one partition, in order, and again when they are handed back', async t => {
  const { publish, feed } = await streams(t)
  await Promise.all(Array.from({ length: 20 }, (_, index) => publish(publication(`e-${index}`))))
  const partitions = new Set<number>()
  const ids: string[] = []
  const feeds = Array.from({ length: options.partitions }, (_, partition) => feed(partition, 100))
  await new Promise<void>(resolve => {
    for (const { messages$ } of feeds) {
      messages$.subscribe(message => {
        partitions.add(message.partition)
        if (message.redeliveries === 0 && ids.length === 0) return message.handBack()
        ids.push((JSON.parse(message.text()) as { id: string }).id)
        message.ack()
        return ids.length === 20 ? resolve() : undefined
      })
    }
  })
  await Promise.all(feeds.map(each => each.stop()))
  t.is(partitions.size, 1)
  t.is(new Set(ids).size, 20)
})

test('ensure is repeatable', async t => {
  const { ensure } = await streams(t)
  await t.notThrowsAsync(ensure(options))
})
