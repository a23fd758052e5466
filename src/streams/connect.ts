import { jetstreamManager } from '@nats-io/jetstream'
import { merge, type Observable, Subject } from 'rxjs'
import type { Log } from '../../observability/log.ts'
import type { Difference, Requirement } from '../domain/requirement.ts'
import type { StreamAccess } from './access.ts'
import { away, connectTo, watchConnection } from './connection.ts'
import { createStreamErase } from './erase.ts'
import { failureOfRequest } from './faults.ts'
import { createFeed, type Feed, type FeedOptions } from './feed.ts'
import { type FleetState, readFleet } from './fleet-state.ts'
import { type HistoryQuery, readHistory, type StoredMessage } from './history.ts'
import type { BucketOptions } from './bucket.ts'
import { type Leases, openLeases } from './leases.ts'
import { changesByOthers } from './advisories.ts'
import { isMissing } from './missing.ts'
import type { Exclusively } from './maintenance-lock.ts'
import { type StreamNames, streamNames } from './names.ts'
import type { Progress } from './needs/progress.ts'
import { readProgress } from './needs/read-progress.ts'
import { requirementsOf } from './needs/requirements.ts'
import type { Publisher } from './publication.ts'
import { createPermissions } from './permissions.ts'
import { createPublisher } from './publisher.ts'
import { createStreamRetention } from './retention.ts'
import { createSignals } from './signals.ts'
import { createStreamState } from './state.ts'
import type { StreamOptions } from './stream-config.ts'
import { failureOfStart } from './start-faults.ts'
import { assertPartitions, ensureStream } from './stream.ts'

export interface Streams
  extends
    Publisher,
    ReturnType<typeof createStreamRetention>,
    ReturnType<typeof createStreamErase>,
    ReturnType<typeof createStreamState> {
  /**
   * Creates what is missing, and returns what was lost. Throws Failure `invalid_settings` when the stream has another number of partitions that
   * cannot be changed now.
   */
  ensure(options: StreamOptions): Promise<readonly Difference[]>
  /** Throws Failure `invalid_settings` when the stream has another number of partitions. */
  assertPartitions(partitions: number): Promise<void>
  /** The messages of one partition. */
  feed(partition: number, window: number, onWait?: FeedOptions['onWait']): Feed
  /** Returns the body of a stored message, or null when it is gone. Throws Failure `streams_unavailable`. */
  read(sequence: number): Promise<string | null>
  /** Returns a page of a tenant's messages, oldest first. */
  history(query: HistoryQuery): Promise<StoredMessage[]>
  /** Opens the bucket in which workers agree on the owner of each partition. */
  leases(options: BucketOptions): Promise<Leases>
  /** Reads which workers there are, and which partitions have an owner. Throws Failure `streams_unavailable`. */
  fleet(): Promise<FleetState>
  /** Signals all workers that a subscription or a replay has work. Never throws; the signal may be lost. */
  wake(id: string): void
  readonly wakes$: Observable<string>
  /** Reads how far the stream is processed. */
  progress(): Promise<Progress>
  /** What Doorbell needs of NATS, for a stream of these options. */
  requirements(options: StreamOptions): readonly Requirement[]
  /** Emits when something may be missing or different. */
  readonly doubts$: Observable<unknown>
  /** Resolves when the server answers; throws Failure `streams_unavailable`. */
  ping(): Promise<void>
  /** Sends what is buffered (acknowledgements) and closes. May be called twice. */
  close(): Promise<void>
}

export interface ConnectOptions {
  /** One or more server urls, separated by commas. */
  readonly url: string
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly names?: StreamNames
  /** Whether events that arrive at the same time share one flush of the stream (group-commit.ts). Default true */
  readonly groupCommit?: boolean
}

/** Connects to NATS and keeps the connection until it is closed: the client reconnects by itself, without a limit. */
export const connectStreams = async (options: ConnectOptions): Promise<Streams> => {
  const { url, log, names = streamNames, groupCommit = true } = options
  const connection = await connectTo(url)
  const found$ = new Subject<void>()
  const doubt = () => found$.next()
  const permissions = createPermissions(() => performance.now())
  const isUp = watchConnection(connection, log, {
    onReturn: doubt,
    onError: error => {
      if (permissions.note(error)) doubt()
    },
  })
  const answered: StreamAccess['answered'] = async requests => {
    try {
      if (!isUp()) throw away()
      return await requests()
    } catch (error) {
      if (isMissing(error)) doubt()
      throw failureOfRequest(error)
    }
  }
  const manager = await jetstreamManager(connection, { checkAPI: false })
  const access: StreamAccess = { connection, manager, names, answered, doubt }
  const publisher = createPublisher(connection, names, groupCommit)
  const close = async () => {
    if (connection.isClosed()) return
    if (isUp()) await connection.drain()
    else await connection.close()
  }
  let closing: Promise<void> | null = null

  return {
    // The client would buffer the event while the connection is down; the caller gets an error at once instead.
    publish: async publication => {
      if (!isUp()) throw away()
      try {
        return await publisher.publish(publication)
      } catch (error) {
        doubt()
        throw error
      }
    },
    ensure: stream =>
      answered(async () => ensureStream(access, { leases: await openLeases(access, stream), log }, stream)).catch(
        (error: unknown) => {
          throw failureOfStart(error)
        },
      ),
    assertPartitions: partitions => answered(() => assertPartitions(access, partitions)),
    feed: (partition, window, onWait) => createFeed(access, { partition, window, onWait }),
    read: async sequence => {
      // Test deliveries have no message; their sequence is 0.
      if (sequence < 1) return null
      return answered(async () => (await manager.direct.getMessage(names.stream, { seq: sequence }))?.string() ?? null)
    },
    history: query => readHistory(access, query),
    leases: lease => openLeases(access, lease),
    fleet: () => readFleet(access),
    ...createStreamRetention(access),
    ...createStreamErase(access),
    ...createStreamState(access),
    ...createSignals(connection, names),
    progress: () => readProgress(access, () => Date.now()),
    requirements: stream => {
      let opened: Leases | undefined
      const exclusively: Exclusively = async work => {
        opened ??= await openLeases(access, stream)
        return opened.exclusively(work)
      }
      return [...requirementsOf(access, stream, exclusively), permissions.requirement]
    },
    doubts$: merge(found$, changesByOthers(connection, names)),
    ping: () => answered(() => connection.flush()),
    close: () => (closing ??= close()),
  }
}
