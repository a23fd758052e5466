import { failureOfAck } from '../../../../src/streams/faults.ts'
import type { Published } from '../../../../src/streams/publication.ts'
import type { Link, Wire } from '../link.ts'
import type { ModelPorts } from '../ports.ts'
import { type Bucket, createBucket } from './bucket.ts'
import { type Consumer, createConsumer } from './consumer.ts'
import { createLog, type Incoming, type Log, sizeOf, type Stored } from './log.ts'

/** The stream of events with a consumer for each partition. */
export interface StoredStream {
  readonly partitions: number
  readonly log: Log
  readonly consumers: Map<number, Consumer>
  keepMs: number
  /** Returns false when there is one. */
  createConsumer(partition: number, beginning: { readonly after: number; readonly inHandTo: number }): boolean
  /** The stream refuses what would make it larger. */
  readonly maxBytes: number
}

export interface StreamSettings {
  readonly partitions: number
  readonly keepMs: number
  readonly ackWaitMs: number
  readonly window: number
  /** Default: no limit */
  readonly maxBytes?: number
}

/** A connection as the server sees it. */
export interface ServerConnection {
  readonly wire: Wire
  /** What ends with it: the requests for messages that wait. */
  readonly ends: Set<() => void>
}

export interface StreamServer {
  readonly ports: ModelPorts
  /** Stores a message, and hands it to a reader that waits. Throws Failure. */
  publish(incoming: Incoming): Published
  observe(eyes: Partial<Eyes>): void
  /** Opens a connection; null while the server is down or cannot be reached. */
  accept(link: Link, ends: { readonly onClosed: () => void; readonly onSignal: Signalled }): ServerConnection | null
  readonly stream: StoredStream | null
  /** Creates the stream without consumers. */
  createStream(settings: StreamSettings, firstSequence: number): StoredStream
  /** Creates the bucket of the fleet if it is missing. */
  openBucket(ttlMs: number): Bucket
  /** Null before a process has created it. */
  readonly bucket: Bucket | null
  /** Sends a core message to every connection. It is not stored. */
  broadcast(subject: Subject, text: string): void
  /** True while the disk takes nothing. */
  readonly isOutOfSpace: boolean
  readonly faults: StreamFaults
}

/** Who sees what happens at the server, at the moment when it happens. */
export interface Eyes {
  readonly onPublished: (message: Stored) => void
  readonly onAcknowledged: (sequence: number) => void
}

/** `advisory`: the server reports that the stream, a consumer or the bucket was created or removed. */
export type Subject = 'wake' | 'fleet' | 'advisory'
export type Signalled = (subject: Subject, text: string) => void

/** What the world does to the server. */
export interface StreamFaults {
  /** Every connection closes, and none can be opened until `start`. What is stored stays. */
  stop(): void
  start(): void
  /** The stream has reached its limit and refuses events; leases are written. */
  full(isFull: boolean): void
  /** The disk is full: nothing is stored. Free space helps only after a restart. */
  diskFull(isFull: boolean): void
  /** Core messages get lost, this share of them. */
  loseSignals(share: number): void
  /** Removes the consumer of a partition, as another program may. */
  deleteConsumer(partition: number): void
  /** Removes the stream with its messages and consumers. */
  deleteStream(): void
  /** Removes the bucket with all leases and heartbeats. */
  deleteBucket(): void
}

const streamLimit = { err_code: 10_077, description: 'maximum bytes exceeded' }
const noSpace = { err_code: 10_047, description: 'insufficient storage resources available' }

export const createServer = (ports: ModelPorts): StreamServer => {
  const connections = new Map<ServerConnection, Signalled>()
  let stream: StoredStream | null = null
  let bucket: Bucket | null = null
  let isUp = true
  let [isFull, isDiskFull, isStuck] = [false, false, false]
  let lostShare = 0

  const eyes: { -readonly [K in keyof Eyes]: Eyes[K] } = {
    onPublished: () => undefined,
    onAcknowledged: () => undefined,
  }

  const forget = (connection: ServerConnection) => {
    connections.delete(connection)
    for (const end of connection.ends) end()
    connection.ends.clear()
  }

  const server: StreamServer = {
    ports,
    accept: (link, { onClosed, onSignal }) => {
      if (!isUp) return null
      const wire = link.open({
        ordered: true,
        onClosedAtClient: onClosed,
        onClosedAtServer: () => connection !== null && forget(connection),
      })
      const connection: ServerConnection | null = wire === null ? null : { wire, ends: new Set() }
      if (connection !== null) connections.set(connection, onSignal)
      return connection
    },
    get stream() {
      return stream
    },
    createStream: ({ partitions, keepMs, ackWaitMs, window, maxBytes = Infinity }, firstSequence) => {
      const log = createLog(partitions, firstSequence)
      const consumers = new Map<number, Consumer>()
      const onAcknowledged = (sequence: number) => eyes.onAcknowledged(sequence)
      const createOne: StoredStream['createConsumer'] = (partition, beginning) => {
        if (consumers.has(partition)) return false
        const options = { partition, ackWaitMs, window, onAcknowledged, ...beginning }
        consumers.set(partition, createConsumer(ports, log, options))
        server.broadcast('advisory', '')
        return true
      }
      stream = { partitions, log, consumers, keepMs, maxBytes, createConsumer: createOne }
      server.broadcast('advisory', '')
      return stream
    },
    publish: incoming => {
      if (stream === null) throw new Error('no stream listens')
      const isAtLimit = isFull || stream.log.bytes + sizeOf(incoming) > stream.maxBytes
      const fullness = isDiskFull || isStuck ? noSpace : isAtLimit ? streamLimit : null
      if (fullness !== null) throw failureOfAck(fullness)
      stream.log.expire(ports.now() - stream.keepMs)
      const { message, isDuplicate } = stream.log.append(incoming, ports.now())
      if (!isDuplicate) {
        eyes.onPublished(message)
        stream.consumers.get(message.partition)?.look()
      }
      return { sequence: message.sequence, duplicate: isDuplicate }
    },
    observe: given => void Object.assign(eyes, given),
    openBucket: ttlMs => (bucket ??= createBucket(ports, ttlMs)),
    get bucket() {
      return bucket
    },
    broadcast: (subject, text) => {
      for (const [{ wire }, onSignal] of connections)
        if (lostShare === 0 || ports.chance() >= lostShare) wire.toClient(() => onSignal(subject, text))
    },
    get isOutOfSpace() {
      return isDiskFull || isStuck
    },
    faults: {
      stop: () => {
        isUp = false
        const closing = [...connections.keys()]
        closing.forEach(connection => {
          connection.wire.close('server')
          forget(connection)
        })
      },
      start: () => {
        isUp = true
        isStuck = false
      },
      full: full => void (isFull = full),
      diskFull: full => {
        isDiskFull = full
        if (full) isStuck = true
      },
      loseSignals: share => void (lostShare = share),
      deleteConsumer: partition => {
        stream?.consumers.get(partition)?.delete()
        stream?.consumers.delete(partition)
        server.broadcast('advisory', '')
      },
      deleteStream: () => {
        stream?.consumers.forEach(consumer => consumer.delete())
        stream = null
        server.broadcast('advisory', '')
      },
      deleteBucket: () => {
        bucket = null
        server.broadcast('advisory', '')
      },
    },
  }
  return server
}
