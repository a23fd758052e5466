import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import type { NatsConnection } from 'nats'
import { failureOfRequest } from './faults.ts'
import { fleetBucket, type StreamNames } from './names.ts'

export interface LeaseOptions {
  /** How long the server keeps a heartbeat or a lease that nobody renews. */
  readonly leaseMs: number
  readonly replicas: number
}

interface Lease {
  readonly partition: number
  readonly revision: number
}

const wrongLastSequence = 10_071

/** The bucket in which the fleet agrees: `worker.<id>` are heartbeats, `partition.<n>` leases. The server forgets both after `leaseMs`. */
export const openLeases = async (
  connection: NatsConnection,
  names: StreamNames,
  { leaseMs, replicas }: LeaseOptions,
) => {
  const bucket = fleetBucket(names)
  const kv = await answered(new Kvm(connection).create(bucket, { ttl: leaseMs, history: 1, replicas }))
  const manager = await answered(jetstreamManager(connection, { checkAPI: false }))
  const stream = `KV_${bucket}`
  const subject = (key: string) => `$KV.${bucket}.${key}`
  const partitionKey = (partition: number) => `partition.${partition}`
  /** Without a tombstone: a key that is gone is free at once. */
  const remove = async (key: string): Promise<void> =>
    void (await answered(manager.streams.purge(stream, { filter: subject(key) })))
  /** Null when somebody else wrote the key. */
  const unlessMet = async (partition: number, write: Promise<number>): Promise<Lease | null> => {
    try {
      return { partition, revision: await write }
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === wrongLastSequence) return null
      throw failureOfRequest(error)
    }
  }

  return {
    beat: async (worker: string): Promise<void> => void (await answered(kv.put(`worker.${worker}`, ''))),
    workers: async (): Promise<readonly string[]> => {
      const prefix = subject('worker.')
      const info = await answered(manager.streams.info(stream, { subjects_filter: `${prefix}>` }))
      return Object.keys(info.state.subjects ?? {})
        .map(name => name.slice(prefix.length))
        .toSorted()
    },
    take: (partition: number, worker: string) => unlessMet(partition, kv.create(partitionKey(partition), worker)),
    renew: ({ partition, revision }: Lease, worker: string) =>
      unlessMet(partition, kv.update(partitionKey(partition), worker, revision)),
    release: ({ partition }: Lease) => remove(partitionKey(partition)),
    leave: (worker: string) => remove(`worker.${worker}`),
  }
}

const answered = async <T>(request: Promise<T>): Promise<T> => {
  try {
    return await request
  } catch (error) {
    throw failureOfRequest(error)
  }
}
