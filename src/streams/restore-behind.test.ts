import test, { type ExecutionContext } from 'ava'
import { firstValueFrom, take, toArray } from 'rxjs'
import { natsUrl } from '../../test/support/servers.ts'
import { publication, startStream, streamOptions } from '../../test/support/test-stream.ts'
import { saveStream } from './backup.ts'
import { restoreStreamBehind } from './restore-behind.ts'

/** A stream with three messages, of which the first is acknowledged, and its archive. */
const saved = async (t: ExecutionContext) => {
  const started = await startStream(t)
  const { streams, stream, consumerWhen } = started
  for (const id of ['a', 'b', 'c']) await streams.publish(publication(id))
  const feed = streams.feed(0, 100)
  const [first] = await firstValueFrom(feed.messages$.pipe(take(3), toArray()))
  first?.ack()
  await feed.stop()
  await consumerWhen(({ ack_floor }) => ack_floor.stream_seq === 1)
  const chunks: Uint8Array[] = []
  const archive = await saveStream(natsUrl(), stream, async chunk => void chunks.push(chunk))
  if (archive === null) throw new Error('nothing was saved')
  async function* read() {
    yield* chunks
  }
  const restore = (next: number) => restoreStreamBehind(natsUrl(), stream, archive, read(), next)
  return { ...started, restore }
}

test('a restored stream has its messages and positions, and continues with the wanted number', async t => {
  const { streams, manager, stream, restore } = await saved(t)
  const { config } = await manager.streams.info(stream)
  await manager.streams.delete(stream)
  const next = 3_000_000_000
  await restore(next)
  const restored = await manager.streams.info(stream)
  t.deepEqual({ ...restored.config, metadata: {} }, { ...config, metadata: {} })
  t.like(restored.state, { messages: 3, first_seq: 1 })
  const history = await streams.history({ tenant: 'acme', from: 0, after: null, limit: 10 })
  t.deepEqual(
    history.map(({ sequence, text }) => [sequence, text]),
    [
      [1, '{"id":"a"}'],
      [2, '{"id":"b"}'],
      [3, '{"id":"c"}'],
    ],
  )
  t.is((await streams.publish(publication('d'))).sequence, next)
  const found = await Promise.all(streams.requirements(streamOptions).map(({ check }) => check()))
  t.deepEqual(found.flat(), [])
  const feed = streams.feed(0, 100)
  const again = await firstValueFrom(feed.messages$.pipe(take(3), toArray()))
  t.deepEqual(
    again.map(({ sequence, caughtUp }) => [sequence, caughtUp]),
    [
      [2, false],
      [3, true],
      [next, true],
    ],
    'what was in hand when it was saved comes first',
  )
  await feed.stop()
  await t.throwsAsync(manager.streams.info(`${stream}_RESTORED`))
})

test('a stream that exists is not restored over', async t => {
  const { restore, manager, stream } = await saved(t)
  await t.throwsAsync(restore(10), { code: 'conflict', message: /only be restored where no stream of its name exists/ })
  t.is((await manager.streams.info(stream)).state.last_seq, 3)
  await t.throwsAsync(manager.streams.info(`${stream}_RESTORED`))
})
