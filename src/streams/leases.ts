import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import { map } from 'rxjs'
import type { StreamAccess } from './access.ts'
import { type BucketOptions, bucketStream, ensureBucket, reopenedKey, restoreBucket } from './bucket.ts'
import { coreMessages } from './core-messages.ts'
import { createMaintenanceLock } from './maintenance-lock.ts'
import { fleetBucket, fleetSubject } from './names.ts'

interface Lease {
  readonly partition: number
  readonly revision: number
}

/** Another process wrote the key first. A cluster may not know the sequence that the write would have needed. */
const overtaken = new Set<number>([
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
])

/** Returns the revision that was written, or null when another process wrote the key first. */
export const orOvertaken = async (write: () => Promise<number>): Promise<number | null> => {
  try {
    return await write()
  } catch (error) {
    if (error instanceof JetStreamApiError && overtaken.has(error.code)) return null
    throw error
  }
}

/**
 * Opens the bucket in which the fleet agrees: `worker.<id>` are heartbeats, `partition.<n>` are leases, `turn` is the lock for changes of
 * the stream. The server drops a key after `leaseMs` without renewal. Nothing is requested while the connection is down, because the client
 * would buffer the request and send it when it may be wrong.
 */
export const openLeases = async (access: StreamAccess, options: BucketOptions) => {
  const { connection, manager, names, answered } = access
  const bucket = fleetBucket(names)
  const stream = bucketStream(bucket)
  const subject = (key: string) => `$KV.${bucket}.${key}`
  const partitionKey = (partition: number) => `partition.${partition}`
  await answered(async () => ((await ensureBucket(access, options)) ? [] : restoreBucket(access, options)))
  // The handle outlives the bucket: it works on one that was created again, too.
  const kv = await answered(() => new Kvm(connection).open(bucket, { allow_direct: true }))

  const announceChange = () => connection.publish(fleetSubject(names))
  /** Leaves no tombstone, so that the key is free at once. */
  const remove = async (key: string, upTo?: number): Promise<void> => {
    const filter = subject(key)
    await answered(() => manager.streams.purge(stream, upTo === undefined ? { filter } : { filter, seq: upTo + 1 }))
    announceChange()
  }
  const unlessOvertaken = (write: () => Promise<number>) => answered(() => orOvertaken(write))
  const leased = async (partition: number, write: () => Promise<number>): Promise<Lease | null> => {
    const revision = await unlessOvertaken(write)
    return revision === null ? null : { partition, revision }
  }
  const joined = new Set<string>()

  return {
    beat: async (worker: string): Promise<void> => {
      await answered(() => kv.put(`worker.${worker}`, ''))
      if (!joined.has(worker)) announceChange()
      joined.add(worker)
    },
    workers: async (): Promise<readonly string[]> => {
      const prefix = subject('worker.')
      const info = await answered(() => manager.streams.info(stream, { subjects_filter: `${prefix}>` }))
      // The server lists them in order.
      return Object.keys(info.state.subjects ?? {}).map(name => name.slice(prefix.length))
    },
    take: async (partition: number, worker: string) => {
      if ((await answered(() => kv.get(reopenedKey))) !== null) return null
      return leased(partition, () => kv.create(partitionKey(partition), worker))
    },
    renew: ({ partition, revision }: Lease, worker: string) =>
      leased(partition, () => kv.update(partitionKey(partition), worker, revision)),
    /** Releases only this lease: a worker that has taken the partition since keeps it. */
    release: ({ partition, revision }: Lease) => remove(partitionKey(partition), revision),
    leave: (worker: string) => remove(`worker.${worker}`),
    exclusively: createMaintenanceLock({ kv, unlessOvertaken, remove }),
    /** Emits when a worker joined, left, or released a partition. A hint: it may be lost. */
    changes$: coreMessages(connection, fleetSubject(names)).pipe(map(() => undefined)),
  }
}

export type Leases = Awaited<ReturnType<typeof openLeases>>
