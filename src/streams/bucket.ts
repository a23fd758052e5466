import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream'
import { nanos } from 'nats'
import type { Difference, Requirement } from '../domain/requirement.ts'
import type { StreamAccess } from './access.ts'
import { isTaken, orMissing } from './missing.ts'
import { fleetBucket, fleetSubject } from './names.ts'
import { applyChanges } from './needs/apply.ts'
import { bucketDeviations } from './needs/bucket-rules.ts'
import { restored } from './needs/deviation.ts'

export interface BucketOptions {
  /** How long the server keeps a heartbeat or a lease that is not renewed. */
  readonly leaseMs: number
  readonly replicas: number
}

/** While this key exists, nobody takes a lease: the owners from before the bucket was lost must notice first that theirs are gone. */
export const reopenedKey = 'reopened'

export const bucketStream = (bucket: string): string => `KV_${bucket}`

const bucketConfig = (bucket: string, { leaseMs, replicas }: BucketOptions) =>
  ({
    name: bucketStream(bucket),
    subjects: [`$KV.${bucket}.>`],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    storage: StorageType.File,
    max_msgs_per_subject: 1,
    max_age: nanos(leaseMs),
    duplicate_window: nanos(leaseMs),
    num_replicas: replicas,
    allow_direct: true,
    allow_rollup_hdrs: true,
  }) satisfies Partial<StreamConfig> & { name: string }

/** Creates the bucket of the fleet if it is missing. Returns true if it was. */
export const ensureBucket = async ({ manager, names }: StreamAccess, options: BucketOptions): Promise<boolean> => {
  const config = bucketConfig(fleetBucket(names), options)
  if ((await orMissing(manager.streams.info(config.name))) !== null) return false
  try {
    await manager.streams.add(config)
    return true
  } catch (error) {
    if (isTaken(error)) return false
    throw error
  }
}

/** Brings an existing bucket up to date: the replicas are a setting, and every worker relies on the lease time. */
export const restoreBucket = async (access: StreamAccess, options: BucketOptions): Promise<Difference[]> => {
  const { manager, names } = access
  const wanted = bucketConfig(fleetBucket(names), options)
  const { config } = await manager.streams.info(wanted.name)
  const update = (change: Partial<StreamConfig>) => {
    // The server requires a duplicate window that is no longer than the age limit.
    const duplicate_window = Math.min(config.duplicate_window, change.max_age ?? config.max_age)
    return manager.streams.update(wanted.name, { ...change, duplicate_window })
  }
  const found = await applyChanges(bucketDeviations(config, wanted), update, {
    object: objectOf(fleetBucket(names)),
    whenRestored: `change the settings of Doorbell instead, and leave the bucket to it`,
    whenBroken: `check that the cluster has enough servers for ${options.replicas} replicas`,
  })
  if (found.every(({ outcome, difference }) => outcome !== 'broken' || isAboutReplicas(difference))) return found
  // It holds leases alone, which the fleet takes again.
  await manager.streams.delete(wanted.name)
  await reopen(access, options)
  return found.map(each => (isAboutReplicas(each.difference) ? each : { ...each, outcome: 'restored' }))
}

const isAboutReplicas = (difference: string): boolean => difference.startsWith('num_replicas')

const objectOf = (bucket: string): string => `bucket ${bucket}`

/** Creates a bucket that was lost, and lets every worker announce itself. */
const reopen = async (access: StreamAccess, options: BucketOptions): Promise<boolean> => {
  const { connection, names } = access
  if (!(await ensureBucket(access, options))) return false
  await connection.request(`$KV.${fleetBucket(names)}.${reopenedKey}`, '', { timeout: 5_000 })
  connection.publish(fleetSubject(names))
  return true
}

/** The bucket in which workers agree on the owner of each partition. */
export const bucketRequirement = (access: StreamAccess, options: BucketOptions): Requirement => ({
  name: 'leases',
  check: () =>
    access.answered(async () => {
      const missing = { difference: 'is missing', promise: 'Each partition has an owner.' }
      const remedy = 'find out who removed it; workers take their partitions again within seconds'
      if (await reopen(access, options)) return [restored(objectOf(fleetBucket(access.names)), missing, remedy)]
      return restoreBucket(access, options)
    }),
})
