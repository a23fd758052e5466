import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from 'nats'
import type { Observable } from 'rxjs'
import { Failure } from '../domain/failure.ts'
import { createStreamErase } from './erase.ts'
import { failureOfRequest } from './faults.ts'
import { createFeed, type Feed } from './feed.ts'
import { type HistoryQuery, readHistory, type StoredMessage } from './history.ts'
import { type LeaseOptions, type Leases, openLeases } from './leases.ts'
import { type StreamNames, streamNames } from './names.ts'
import { createPublisher, type Publisher } from './publisher.ts'
import { createStreamRetention } from './retention.ts'
import { readServers } from './servers.ts'
import { createSignals } from './signals.ts'
import { createStreamState } from './state.ts'
import { assertPartitions, ensureStream, type StreamOptions } from './stream.ts'

interface Log {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
}

export interface Streams
  extends
    Publisher,
    ReturnType<typeof createStreamRetention>,
    ReturnType<typeof createStreamErase>,
    ReturnType<typeof createStreamState> {
  /** Creates what is missing. Throws Failure `invalid_settings` when an existing stream has other partitions and cannot be changed now. */
  ensure(options: StreamOptions): Promise<void>
  /** Throws Failure `invalid_settings` when the stream has another number of partitions by now. */
  assertPartitions(partitions: number): Promise<void>
  /** The messages of one partition. */
  feed(partition: number, window: number): Feed
  /** Body of a stored message, or null when it is gone. Throws Failure `streams_unavailable`. */
  read(sequence: number): Promise<string | null>
  /** A page of a tenant's messages, the oldest first. */
  history(query: HistoryQuery): Promise<StoredMessage[]>
  /** Where workers agree who owns what. */
  leases(options: LeaseOptions): Promise<Leases>
  /** Tells all workers to look after a subscription or a replay. Never throws; may be lost. */
  wake(id: string): void
  readonly wakes$: Observable<string>
  /** Resolves when the server answers; throws Failure `streams_unavailable`. */
  ping(): Promise<void>
  /** Sends what is buffered (acknowledgements) and closes. May be called twice. */
  close(): Promise<void>
}

export interface ConnectOptions {
  /** One or more server urls, separated by commas. */
  readonly url: string
  readonly log: Log
  readonly names?: StreamNames
  /** Whether events that come at the same time share one write of the stream (publisher.ts). Default true */
  readonly groupCommit?: boolean
}

/** Connects to NATS and keeps the connection for ever: a server that is away is waited for. */
export const connectStreams = async ({
  url,
  log,
  names = streamNames,
  groupCommit = true,
}: ConnectOptions): Promise<Streams> => {
  const connection = await connect({
    ...readServers(url),
    name: 'doorbell',
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    pingInterval: 5_000,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
    // A stack kept for each request in case it fails costs more than the request.
    noAsyncTraces: true,
  }).catch((error: unknown) => {
    throw new Failure(
      'streams_unavailable',
      'NATS is out of reach: check that nats-server runs and that NATS_URL names it.',
      {
        cause: error,
      },
    )
  })
  let connected = true
  void watch(connection, log, up => (connected = up))
  const publisher = createPublisher(connection, names, groupCommit)
  const away = () =>
    new Failure('streams_unavailable', 'The event store is out of reach. Send the event again.', {
      retryAfterS: 2,
      internal: 'the connection to NATS is down: check that nats-server runs',
    })
  const assertUp = () => {
    if (!connected) throw away()
  }

  return {
    // While the connection is down the client would buffer: the caller is told at once instead.
    publish: publication => (connected ? publisher.publish(publication) : Promise.reject(away())),
    ensure: async options => {
      const leases = await openLeases(connection, names, options, assertUp)
      await ensureStream({ connection, names, leases, log }, options)
    },
    assertPartitions: async partitions => {
      try {
        assertUp()
        await assertPartitions(connection, names, partitions)
      } catch (error) {
        throw failureOfRequest(error)
      }
    },
    feed: (partition, window) => createFeed(connection, names, partition, window),
    read: async sequence => {
      // A test delivery has none.
      if (sequence < 1) return null
      try {
        assertUp()
        const manager = await jetstreamManager(connection, { checkAPI: false })
        return (await manager.direct.getMessage(names.stream, { seq: sequence }))?.string() ?? null
      } catch (error) {
        throw failureOfRequest(error)
      }
    },
    history: query => readHistory(connection, names, query),
    leases: options => openLeases(connection, names, options, assertUp),
    ...createStreamRetention(connection, names),
    ...createStreamErase(connection, names),
    ...createStreamState(connection, names, assertUp),
    ...createSignals(connection, names),
    ping: async () => {
      assertUp()
      await connection.flush()
    },
    close: async () => {
      if (connection.isClosed()) return
      if (connected) await connection.drain()
      else await connection.close()
    },
  }
}

const watch = async (connection: NatsConnection, log: Log, set: (up: boolean) => void): Promise<void> => {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') {
      set(false)
      log.warn(
        { server: status.server, remedy: 'check that nats-server runs; Doorbell reconnects by itself' },
        'connection to NATS lost',
      )
    } else if (status.type === 'reconnect') {
      set(true)
      log.info({ server: status.server }, 'connected to NATS again')
    }
  }
}
