import { filter, map, merge, Subject } from 'rxjs'
import { Failure } from '../../../../src/domain/failure.ts'
import { isControl } from '../../../../src/domain/control-message.ts'
import type { connectStreams, Streams } from '../../../../src/streams/connect.ts'
import type { Link } from '../link.ts'
import type { ModelPorts } from '../ports.ts'
import { createConnection } from './connection.ts'
import { createFeed } from './feed.ts'
import { openLeases } from './leases.ts'
import type { Stored } from './log.ts'
import { requirementsOf, restoreConsumers, restoreStream } from './needs.ts'
import { createServer, type Eyes, type StoredStream, type StreamFaults, type StreamServer } from './server.ts'

export interface StreamModel {
  /** Gives a process the connection that stands in for `connectStreams`. */
  connect(link: Link): typeof connectStreams
  readonly faults: StreamFaults
  /** What is stored now, for invariants; null before a process has created the stream. */
  readonly stream: StoredStream | null
  /** Publishes as another program may: any bytes, on `visits.in.<tenant>.<type>`, without an id. */
  publishRaw(subject: string, data: Uint8Array): void
  observe(eyes: Partial<Eyes>): void
  /** The sequences of all messages that are not acknowledged. */
  unacknowledged(): number[]
  /** The keys of the fleet's bucket with this prefix: `worker.` or `partition.`. */
  keys(prefix: string): readonly string[]
}

/** A nats-server with JetStream in this process, on the time of its ports. */
export const createStreamModel = (ports: ModelPorts): StreamModel => {
  const server = createServer(ports)
  return {
    connect: link => async options => openStreams(server, link, options),
    faults: server.faults,
    get stream() {
      return server.stream
    },
    publishRaw: (subject, data) => {
      const [, , tenant = '', ...type] = subject.split('.')
      server.publish({ tenant, type: type.join('.'), id: null, body: data, traceparent: null })
    },
    observe: server.observe,
    unacknowledged: () => [...(server.stream?.consumers.values() ?? [])].flatMap(each => each.unacknowledged()),
    keys: prefix => server.bucket?.keys(prefix) ?? [],
  }
}

const openStreams = (server: StreamServer, link: Link, { log }: Parameters<typeof connectStreams>[0]): Streams => {
  const found$ = new Subject<void>()
  const connection = createConnection(server, link, {
    onLost: () => log.warn({ remedy: 'check that nats-server runs' }, 'connection to NATS lost'),
    onReturn: () => {
      log.info({}, 'connected to NATS again')
      found$.next()
    },
  })
  if (connection === null) throw new Failure('streams_unavailable', 'NATS cannot be reached.')
  const onStream = <T>(work: (stream: StoredStream, at: StreamServer) => T) =>
    connection.request(at => work(streamOf(at), at))

  return {
    publish: publication => connection.request(at => at.publish(publication)),
    ensure: async options => {
      await connection.request(at => {
        at.openBucket(options.leaseMs)
        if (at.stream !== null) assertNumber(at.stream, options.partitions)
      })
      return [...(await restoreStream(connection, options)), ...(await restoreConsumers(connection, options))]
    },
    assertPartitions: partitions => onStream(stream => assertNumber(stream, partitions)),
    feed: (partition, window, onWait) =>
      createFeed(connection, { partition, window, onWait, doubt: () => found$.next() }),
    read: async sequence => (sequence < 1 ? null : onStream(({ log: { get } }) => textOf(get(sequence)))),
    history: ({ tenant, type, from, after, limit }) =>
      onStream(stream => {
        const page: { sequence: number; at: number; type: string; text: string }[] = []
        for (const message of stream.log.ofTenant(tenant)) {
          if (type !== undefined && message.type !== type) continue
          if (after === null ? message.at < from : message.sequence <= after) continue
          page.push({ sequence: message.sequence, at: message.at, type: message.type, text: textOf(message) ?? '' })
          if (page.length === limit) break
        }
        return page
      }),
    leases: async ({ leaseMs }) => {
      await connection.request(at => void at.openBucket(leaseMs))
      return openLeases(connection)
    },
    fleet: () =>
      connection.request(({ bucket }) => {
        if (bucket === null) throw new Error('bucket not found')
        return { workers: bucket.keys('worker.'), owned: bucket.keys('partition.').map(Number) }
      }),
    purgeBefore: (tenant, partition, before) => onStream(stream => purge(stream, tenant, partition, before)),
    keepFor: forMs => onStream(stream => void (stream.keepMs = Math.max(stream.keepMs, forMs))),
    lastSequence: () => onStream(({ log: { lastSequence } }) => lastSequence),
    isWorkedOn: (partition, sequence) =>
      onStream(stream => {
        const { ackFloor, pending, ackPending } = infoOf(stream, partition)
        return ackFloor >= sequence || (pending === 0 && ackPending === 0)
      }),
    workedOnTo: partition => onStream(stream => infoOf(stream, partition).ackFloor),
    erase: sequence =>
      onStream(stream => {
        const message = stream.log.get(sequence)
        return message !== null && stream.log.remove(message)
      }),
    state: () => onStream(({ log: { messages, bytes, firstAt } }) => ({ messages, bytes, replicas: 1, firstAt })),
    consumerStates: partitions =>
      onStream(stream =>
        partitions.map(partition => {
          const { pending, ackPending, redelivered, ackFloor } = infoOf(stream, partition)
          const [oldest] = stream.log.after(partition, ackFloor)
          return { partition, pending, ackPending, redelivered, oldestAt: oldest?.at ?? null }
        }),
      ),
    wake: id => connection.send(at => at.broadcast('wake', id)),
    wakes$: connection.signals$.pipe(
      filter(({ subject }) => subject === 'wake'),
      map(({ text }) => text),
    ),
    progress: () =>
      onStream((stream, at) => {
        const highest = { sequence: stream.log.lastSequence, at: at.ports.now() }
        const processed = [...stream.consumers.keys()].map(partition => {
          const { ackFloor, pending, ackPending } = infoOf(stream, partition)
          return [partition, pending + ackPending === 0 ? highest.sequence : ackFloor] as const
        })
        return { processed: new Map(processed), highest }
      }),
    requirements: options => requirementsOf(connection, options),
    doubts$: merge(found$, connection.signals$.pipe(filter(({ subject }) => subject === 'advisory'))),
    ping: connection.flush,
    close: connection.close,
  }
}

const decoder = new TextDecoder()
const textOf = (message: Stored | null): string | null => {
  if (message === null) return null
  return typeof message.body === 'string' ? message.body : decoder.decode(message.body)
}

const streamOf = ({ stream }: StreamServer): StoredStream => {
  if (stream === null) throw new Error('stream not found')
  return stream
}

const infoOf = (stream: StoredStream, partition: number) => {
  const consumer = stream.consumers.get(partition)
  if (consumer === undefined) throw new Error('consumer not found')
  return consumer.info()
}

const assertNumber = (stream: StoredStream, partitions: number): void => {
  if (stream.partitions === partitions) return
  throw new Failure(
    'invalid_settings',
    `The stream has ${stream.partitions} partitions, and this process ${partitions}.`,
  )
}

/** Removes a tenant's acknowledged messages from before this moment. Returns the number of events among them. */
const purge = ({ log, consumers }: StoredStream, tenant: string, partition: number, before: number): number => {
  const floor = consumers.get(partition)?.info().ackFloor ?? 0
  const old: Stored[] = []
  for (const message of log.ofTenant(tenant)) {
    if (message.at >= before || message.sequence > floor) break
    old.push(message)
  }
  return old.filter(message => log.remove(message) && !isControl(message.type)).length
}
