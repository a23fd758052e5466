import { randomBytes } from 'node:crypto'
import { mock } from 'node:test'
import test, { type ExecutionContext } from 'ava'
import { connect, headers, type Msg } from 'nats'
import { natsUrl } from '../../test/support/servers.ts'
import { publication, startNatsServer, startStream } from '../../test/support/test-stream.ts'
import { restoreStream, saveStream } from './backup.ts'

const save = async (url: string, stream: string) => {
  const chunks: Uint8Array[] = []
  const saved = await saveStream(url, stream, async chunk => void chunks.push(chunk))
  return { saved, chunks }
}
async function* each(...chunks: readonly Uint8Array[]) {
  for (const chunk of chunks) yield chunk
}

test('a restored stream has the messages of the saved one, and what was acknowledged', async t => {
  const { streams, manager, stream, consumerWhen } = await startStream(t)
  // An archive is compressed; these bytes are not compressible, and need several chunks.
  const bodies = Array.from({ length: 8 }, () => randomBytes(30_000).toString('hex'))
  for (const [index, body] of bodies.entries()) await streams.publish({ ...publication(String(index)), body })
  const feed = streams.feed(0, 2)
  const second = Promise.withResolvers<void>()
  feed.messages$.subscribe(message => {
    if (message.sequence <= 2) message.ack()
    if (message.sequence === 2) second.resolve()
  })
  await second.promise
  await feed.stop()
  await consumerWhen(({ ack_floor }) => ack_floor.stream_seq === 2)

  const chunks: Uint8Array[] = []
  let writing = 0
  const saved = await saveStream(natsUrl(), stream, async chunk => {
    t.is((writing += 1), 1, 'a chunk is written before the next one arrives')
    await streams.ping()
    chunks.push(chunk)
    writing -= 1
  })
  if (saved === null) return t.fail()
  t.true(chunks.length > 1)
  t.true(chunks.every(chunk => chunk.length <= 128 * 1_024))
  t.like(saved, { config: { name: stream }, state: { messages: 8 }, events: 8 })

  await t.throwsAsync(restoreStream(natsUrl(), stream, saved, each(...chunks)), {
    code: 'conflict',
    message: /NATS refused: .*only be restored where no stream of its name exists/,
  })
  await manager.streams.delete(stream)
  // A file is read in pieces of any size.
  const all = Buffer.concat(chunks)
  await restoreStream(natsUrl(), stream, saved, each(all.subarray(0, 10), all.subarray(10)))
  const restored = await streams.history({ tenant: 'acme', from: 0, after: null, limit: 100 })
  t.deepEqual(
    restored.map(({ text }) => text),
    bodies,
  )
  const { ack_floor } = await manager.consumers.info(stream, 'partition-0')
  t.is(ack_floor.stream_seq, 2)
  return undefined
})

test('of a stream that does not exist there is no backup', async t => {
  t.deepEqual(await save(natsUrl(), 'none'), { saved: null, chunks: [] })
})

/** A server without JetStream, whose part the test plays. */
const fakeJetStream = async (t: ExecutionContext, answers: Record<string, (request: Msg) => void>) => {
  const { url } = await startNatsServer(t, [])
  const connection = await connect({ servers: url })
  t.teardown(() => connection.close())
  for (const [subject, answer] of Object.entries(answers))
    connection.subscribe(subject, { callback: (_, request) => answer(request) })
  await connection.flush()
  return { url, connection }
}
const refusal = JSON.stringify({ error: { err_code: 10_077, description: 'the disk is broken' } })

test('a backup that NATS refuses, at its start or in the middle, says why', async t => {
  const { url, connection } = await fakeJetStream(t, {
    '$JS.API.STREAM.SNAPSHOT.refused': request => void request.respond(refusal),
    '$JS.API.STREAM.SNAPSHOT.broken': request => {
      request.respond(JSON.stringify({ config: {}, state: {} }))
      const { deliver_subject } = request.json<{ deliver_subject: string }>()
      connection.publish(deliver_subject, 'bytes', { reply: 'ack' })
      connection.publish(deliver_subject, '', { headers: headers(408, 'No Flow Response') })
    },
    '$JS.API.STREAM.INFO.empty': request => {
      t.deepEqual(request.json(), { subjects_filter: '*.*.*.doorbell.>' })
      request.respond('{"state":{"subjects":{"visits.3.acme.doorbell.mark":2,"visits.3.acme.doorbell.configured":3}}}')
    },
    '$JS.API.STREAM.SNAPSHOT.empty': request => {
      t.like(request.json(), { chunk_size: 131_072 })
      request.respond('{"state":{"messages":12}}')
      connection.publish(request.json<{ deliver_subject: string }>().deliver_subject, '', {
        headers: headers(204, 'EOB'),
      })
    },
  })
  await t.throwsAsync(save(url, 'refused'), { code: 'conflict', message: /NATS refused: the disk is broken\./ })
  await t.throwsAsync(save(url, 'broken'), { code: 'conflict', message: /NATS refused: No Flow Response\./ })
  t.deepEqual(await save(url, 'empty'), { saved: { config: {}, state: { messages: 12 }, events: 7 }, chunks: [] })
})

test('a restore that NATS refuses, at its start, in the middle or at the end, says why; its last chunk is empty', async t => {
  const saved = { config: { name: 'VISITS' }, state: { messages: 1 } }
  const sizes: number[] = []
  const { url } = await fakeJetStream(t, {
    '$JS.API.STREAM.RESTORE.refused': request => void request.respond(refusal),
    '$JS.API.STREAM.RESTORE.unclear': request => void request.respond('{}'),
    '$JS.API.STREAM.RESTORE.middle': request => void request.respond('{"deliver_subject":"middle"}'),
    '$JS.API.STREAM.RESTORE.end': request => {
      t.deepEqual(request.json(), saved)
      request.respond('{"deliver_subject":"end"}')
    },
    middle: chunk => void chunk.respond(chunk.data.length < 131_072 ? refusal : ''),
    end: chunk => {
      sizes.push(chunk.data.length)
      chunk.respond(chunk.data.length === 0 ? refusal : '{}')
    },
  })
  const restore = (stream: string) => restoreStream(url, stream, saved, each(Buffer.alloc(262_144), Buffer.alloc(1)))
  await t.throwsAsync(restore('refused'), { code: 'conflict', message: /the disk is broken/ })
  await t.throwsAsync(restore('unclear'), { code: 'conflict', message: /names no subject/ })
  await t.throwsAsync(restore('middle'), { code: 'conflict', message: /the disk is broken/ })
  await t.throwsAsync(restore('end'), { code: 'conflict', message: /the disk is broken/ })
  t.deepEqual(sizes, [131_072, 131_072, 1, 0])
})

test.serial('NATS has a minute for each step, and no longer', async t => {
  let tookMs = 0
  const late = (body: string) => (request: Msg) => {
    mock.timers.tick(tookMs)
    request.respond(body)
  }
  const { url } = await fakeJetStream(t, {
    '$JS.API.STREAM.SNAPSHOT.slow': late(refusal),
    '$JS.API.STREAM.RESTORE.slow': request => void request.respond('{"deliver_subject":"slow"}'),
    slow: late(''),
  })
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const restore = () => restoreStream(url, 'slow', { config: {}, state: {} }, each(Buffer.alloc(1)))
  tookMs = 59_999
  await t.throwsAsync(save(url, 'slow'), { code: 'conflict' })
  await t.notThrowsAsync(restore())
  tookMs = 60_000
  for (const work of [save(url, 'slow'), restore()]) await t.throwsAsync(work, { name: 'TimeoutError' })
})
