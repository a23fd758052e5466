import { jetstreamManager } from '@nats-io/jetstream'
import type { ExecutionContext } from 'ava'
import { connect } from 'nats'
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
}

const log = { info: () => undefined, warn: () => undefined }

const sideOf = (
  t: ExecutionContext,
  open: () => Promise<Streams>,
  publishRaw: StreamSide['publishRaw'],
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
    publishRaw,
  }
}

export const streamSides = {
  real: async (t: ExecutionContext) => {
    const names = freshNames()
    const publishRaw: StreamSide['publishRaw'] = async (subject, data) => {
      const connection = await connect({ servers: natsUrl().replace('nats://', '') })
      await connection.request(`${names.root}.in.${subject}`, data)
      await connection.close()
    }
    t.teardown(async () => {
      const connection = await connect({ servers: natsUrl().replace('nats://', '') })
      const manager = await jetstreamManager(connection, { checkAPI: false })
      for (const stream of [names.stream, `KV_${names.stream}_FLEET`])
        await manager.streams.delete(stream).catch(() => undefined)
      await connection.close()
    })
    return sideOf(t, () => connectStreams({ url: natsUrl(), log, names }), publishRaw)
  },
  model: async (t: ExecutionContext) => {
    const model = createStreamModel(realPorts)
    const open = () => model.connect(createLink(realPorts))({ url: 'nats://model.test', log })
    return sideOf(t, open, async (subject, data) => model.publishRaw(`visits.in.${subject}`, data))
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
