import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import type { ExecutionContext } from 'ava'
import { connect, type NatsConnection } from 'nats'
import { ReplaySubject, firstValueFrom, take, toArray } from 'rxjs'
import type { VisitMessage } from '../../../src/domain/visit-message.ts'
import { connectStreams, type Streams } from '../../../src/streams/connect.ts'
import type { Feed } from '../../../src/streams/feed.ts'
import type { StreamOptions } from '../../../src/streams/stream-config.ts'
import { natsUrl } from '../../support/servers.ts'
import { freshNames, streamOptions } from '../../support/test-stream.ts'
import { until } from '../../support/until.ts'
import { createLink } from '../models/link.ts'
import { createStreamModel } from '../models/streams/streams.ts'
import { realPorts } from './hold.ts'

/** A nats-server with a stream of this test's own. */
export interface StreamSide {
  /** A process's connection. */
  connect(): Promise<Streams>
  /** Creates the stream, over a connection of its own. */
  start(options?: Partial<StreamOptions>): Promise<Streams>
  /** Publishes to `in.<tenant>.<type>` as another program may. */
  publishRaw(tenantAndType: string, data: Uint8Array): Promise<void>
  /** Removes something, as an operator may by mistake. */
  remove(what: 'stream' | 'consumer' | 'bucket'): Promise<unknown>
}

const log = { info: () => undefined, warn: () => undefined }

const sideOf = (
  t: ExecutionContext,
  open: () => Promise<Streams>,
  outside: Pick<StreamSide, 'publishRaw' | 'remove'>,
): StreamSide => {
  const connectOne = async () => {
    const streams = await open()
    t.teardown(streams.close)
    return streams
  }
  return {
    connect: connectOne,
    start: async options => {
      const streams = await connectOne()
      await streams.ensure({ ...streamOptions, ...options })
      return streams
    },
    ...outside,
  }
}

/** Runs work on a connection of its own. */
const apart = async <T>(work: (connection: NatsConnection, manager: JetStreamManager) => Promise<T>): Promise<T> => {
  const connection = await connect({ servers: natsUrl().replace('nats://', '') })
  try {
    return await work(connection, await jetstreamManager(connection, { checkAPI: false }))
  } finally {
    await connection.close()
  }
}

export const streamSides = {
  real: async (t: ExecutionContext) => {
    const names = freshNames()
    const bucket = `KV_${names.stream}_FLEET`
    t.teardown(() =>
      apart(async (_, { streams }) => {
        for (const stream of [names.stream, bucket]) await streams.delete(stream).catch(() => undefined)
      }),
    )
    return sideOf(t, () => connectStreams({ url: natsUrl(), log, names }), {
      publishRaw: (subject, data) =>
        apart(async connection => void (await connection.request(`${names.root}.in.${subject}`, data))),
      remove: what =>
        apart((_, { streams, consumers }) => {
          if (what === 'consumer') return consumers.delete(names.stream, 'partition-0')
          return streams.delete(what === 'stream' ? names.stream : bucket)
        }),
    })
  },
  model: async (t: ExecutionContext) => {
    const { connect: over, publishRaw, faults } = createStreamModel(realPorts)
    const open = () => over(createLink(realPorts))({ url: 'nats://model.test', log })
    const removals = {
      stream: faults.deleteStream,
      consumer: () => faults.deleteConsumer(0),
      bucket: faults.deleteBucket,
    }
    return sideOf(t, open, {
      publishRaw: async (subject, data) => publishRaw(`visits.in.${subject}`, data),
      remove: async what => removals[what](),
    })
  },
}

/** A reader of a feed, from now on. */
export const read = (feed: Feed) => {
  const all = new ReplaySubject<VisitMessage>()
  feed.messages$.subscribe(all)
  let taken = 0
  return {
    feed,
    /** The next messages. */
    next: async (count: number): Promise<VisitMessage[]> => {
      const messages = await firstValueFrom(all.pipe(take(taken + count), toArray()))
      taken += count
      return messages.slice(-count)
    },
  }
}

/** The numbers of messages that wait, and that a reader has, once they are as wanted. */
export const consumerWhen = (streams: Streams, wanted: readonly [pending: number, ackPending: number], partition = 0) =>
  until(
    async () => {
      const [state] = await streams.consumerStates([partition])
      return [state?.pending, state?.ackPending]
    },
    ([pending, ackPending]) => pending === wanted[0] && ackPending === wanted[1],
  )

export const event = (id: string, change: { tenant?: string; type?: string; body?: string } = {}) => ({
  tenant: 'acme',
  type: 'visit.created',
  id,
  body: JSON.stringify({ id }),
  traceparent: null,
  ...change,
})

export const publishAll = async (streams: Streams, ...ids: readonly string[]): Promise<void> => {
  for (const id of ids) await streams.publish(event(id))
}

export const idsOf = (messages: readonly VisitMessage[]): unknown[] =>
  messages.map(message => (JSON.parse(message.text()) as { id: unknown }).id)
