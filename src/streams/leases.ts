import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import { nanos, type NatsConnection } from 'nats'
import { Observable } from 'rxjs'
import { failureOfRequest } from './faults.ts'
import { fleetBucket, fleetSubject, type StreamNames } from './names.ts'
import { createTurns } from './turn.ts'

export interface LeaseOptions {
  /** How long the server keeps a heartbeat or a lease that nobody renews. */
  readonly leaseMs: number
  readonly replicas: number
}

interface Lease {
  readonly partition: number
  readonly revision: number
}

/** Somebody else wrote the key first; a cluster may not know the sequence that it would have needed. */
const overtaken = new Set<number>([
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
])

/**
 * The bucket in which the fleet agrees: `worker.<id>` are heartbeats, `partition.<n>` leases, `turn` who looks after the stream. The server forgets them after `leaseMs`.
 * `assertUp` throws while the connection is down: the client would keep the request and send it when it may be wrong.
 */
export const openLeases = async (
  connection: NatsConnection,
  names: StreamNames,
  { leaseMs, replicas }: LeaseOptions,
  assertUp: () => void,
) => {
  const bucket = fleetBucket(names)
  const stream = `KV_${bucket}`
  const subject = (key: string) => `$KV.${bucket}.${key}`
  const partitionKey = (partition: number) => `partition.${partition}`
  const answered = async <T>(request: () => Promise<T>): Promise<T> => {
    try {
      assertUp()
      return await request()
    } catch (error) {
      throw failureOfRequest(error)
    }
  }
  const kv = await answered(() => new Kvm(connection).create(bucket, { ttl: leaseMs, history: 1, replicas }))
  const manager = await answered(() => jetstreamManager(connection, { checkAPI: false }))
  await answered(() => adjust(manager, stream, leaseMs, replicas))

  const stir = () => connection.publish(fleetSubject(names))
  /** Without a tombstone: a key that is gone is free at once. */
  const remove = async (key: string, upTo?: number): Promise<void> => {
    const filter = subject(key)
    await answered(() => manager.streams.purge(stream, upTo === undefined ? { filter } : { filter, seq: upTo + 1 }))
    stir()
  }
  /** Null when somebody else wrote the key. */
  const unlessMet = (write: () => Promise<number>): Promise<number | null> =>
    answered(async () => {
      try {
        return await write()
      } catch (error) {
        if (error instanceof JetStreamApiError && overtaken.has(error.code)) return null
        throw error
      }
    })
  const leased = async (partition: number, write: () => Promise<number>): Promise<Lease | null> => {
    const revision = await unlessMet(write)
    return revision === null ? null : { partition, revision }
  }
  const joined = new Set<string>()

  return {
    beat: async (worker: string): Promise<void> => {
      await answered(() => kv.put(`worker.${worker}`, ''))
      if (!joined.has(worker)) stir()
      joined.add(worker)
    },
    workers: async (): Promise<readonly string[]> => {
      const prefix = subject('worker.')
      const info = await answered(() => manager.streams.info(stream, { subjects_filter: `${prefix}>` }))
      return Object.keys(info.state.subjects ?? {})
        .map(name => name.slice(prefix.length))
        .toSorted()
    },
    take: (partition: number, worker: string) => leased(partition, () => kv.create(partitionKey(partition), worker)),
    renew: ({ partition, revision }: Lease, worker: string) =>
      leased(partition, () => kv.update(partitionKey(partition), worker, revision)),
    /** Only this lease: whoever took the partition after it keeps it. */
    release: ({ partition, revision }: Lease) => remove(partitionKey(partition), revision),
    leave: (worker: string) => remove(`worker.${worker}`),
    inTurn: createTurns({ kv, unlessMet, remove }),
    /** Somebody came, left, or released a partition: a hint that may be lost. */
    changes$: new Observable<void>(subscriber => {
      const subscription = connection.subscribe(fleetSubject(names), { callback: () => subscriber.next() })
      return () => subscription.unsubscribe()
    }),
  }
}

export type Leases = Awaited<ReturnType<typeof openLeases>>

/** Of a bucket that an earlier version made, or another number of replicas. */
const adjust = async (manager: JetStreamManager, stream: string, leaseMs: number, replicas: number): Promise<void> => {
  const { config } = await manager.streams.info(stream)
  if (config.max_age === nanos(leaseMs) && config.num_replicas === replicas) return
  const max_age = nanos(leaseMs)
  // The server wants a duplicate window that is no longer than the age.
  const duplicate_window = Math.min(config.duplicate_window, max_age)
  await manager.streams.update(stream, { ...config, max_age, duplicate_window, num_replicas: replicas })
}
