import { setTimeout as delay } from 'node:timers/promises'
import {
  type ConsumerConfig,
  DeliverPolicy,
  jetstreamManager,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream'
import type { NatsConnection } from 'nats'
import { connected, refused, restoreStream, type SavedStream } from './backup.ts'
import { consumersOf, marksOf } from './consumers.ts'
import { orMissing } from './missing.ts'

const pollMs = 50
const patienceMs = 10 * 60_000

/**
 * Restores a stream that does not exist, so that its next message gets a number of at least `next`. The saved messages keep theirs, and consumers
 * begin behind what they had acknowledged. JetStream moves a stream's numbers only when it is empty, and a mirror keeps its origin's numbers: so
 * the archive becomes the origin of a mirror, the origin's numbers are moved, and the mirror becomes the stream.
 * Throws Failure `conflict` when the stream exists.
 */
export const restoreStreamBehind = async (
  url: string,
  stream: string,
  saved: SavedStream,
  chunks: AsyncIterable<Uint8Array>,
  next: number,
): Promise<void> => {
  const origin = `${stream}_RESTORED`
  const closed = `${origin}_closed`
  await connected(url, async connection => {
    const manager = await jetstreamManager(connection, { checkAPI: false })
    if ((await orMissing(manager.streams.info(stream))) !== null) throw refused('stream name already in use')
  })
  const { subject_transform: _, ...config } = saved.config as StreamConfig
  const asOrigin = { ...saved, config: { ...config, name: origin, subjects: [closed] } }
  await restoreStream(url, origin, asOrigin, chunks)
  await connected(url, connection => becomeStream({ connection, stream, origin, closed, next }, saved))
}

interface Move {
  readonly connection: NatsConnection
  readonly stream: string
  readonly origin: string
  /** The subject of the message that takes the last number before the next one. */
  readonly closed: string
  readonly next: number
}

const becomeStream = async ({ connection, stream, origin, closed, next }: Move, saved: SavedStream): Promise<void> => {
  const manager = await jetstreamManager(connection, { checkAPI: false })
  // A mirror has no subjects of its own, and its numbers are those of its origin.
  const { first_seq: _, ...config } = saved.config as StreamConfig & { first_seq?: number }
  const { subjects: __, subject_transform: ___, allow_atomic: ____, ...plain } = config
  await manager.streams.add({ ...plain, name: stream, mirror: { name: origin } })
  const restored = (await manager.streams.info(origin)).state
  await mirrored(manager, stream, restored.last_seq)
  const last = Math.max(next, restored.last_seq + 2) - 1
  const consumers = await consumersOf(manager, { stream: origin, root: '' })
  await manager.streams.purge(origin, { seq: last })
  await connection.request(closed, '', { timeout: patienceMs })
  await mirrored(manager, stream, last)
  const promoted = { ...config, mirror: undefined } as unknown as StreamConfig
  await manager.streams.update(stream, promoted)
  await manager.streams.deleteMessage(stream, last)
  for (const { name, config: own, ack_floor } of consumers.values())
    await manager.consumers.add(stream, beginningAfter(ack_floor.stream_seq, restored.last_seq, { ...own, name }))
  await manager.streams.delete(origin)
}

const beginningAfter = (
  after: number,
  inHandTo: number,
  { opt_start_time: _, ...config }: ConsumerConfig,
): Partial<ConsumerConfig> => ({
  ...config,
  deliver_policy: DeliverPolicy.StartSequence,
  opt_start_seq: after + 1,
  metadata: { ...config.metadata, ...marksOf({ after, inHandTo }) },
})

const mirrored = async (manager: JetStreamManager, stream: string, sequence: number): Promise<void> => {
  for (let waitedMs = 0; (await manager.streams.info(stream)).state.last_seq < sequence; waitedMs += pollMs) {
    if (waitedMs > patienceMs) throw refused('the stream is not restored after ten minutes')
    await delay(pollMs)
  }
}
