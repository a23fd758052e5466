import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream'
import { nanos } from 'nats'
import { mappingTo } from './mapping.ts'
import type { StreamNames } from './names.ts'
import type { ProgressStore } from './needs/progress.ts'

export interface StreamOptions {
  readonly partitions: number
  /** 1 on one node, 3 in a cluster. */
  readonly replicas: number
  /** Limit of the stream on disk when it is created, bytes. Default: the server's own limit. An operator may change it. */
  readonly maxBytes?: number
  /** How long messages are kept. */
  readonly keepMs: number
  /** How long a message may stay unacknowledged before it is delivered again. Longer than any attempt with its write. */
  readonly ackWaitMs: number
  /** Most unacknowledged messages of one partition. */
  readonly window: number
  /** How long a worker that was killed counts as running. */
  readonly leaseMs: number
  /** Where a lost consumer, or a lost stream, has to continue. Default: it begins at its start. */
  readonly progress?: ProgressStore
  readonly now?: () => number
  readonly wait?: (forMs: number) => Promise<unknown>
}

export const streamConfig = (names: StreamNames, options: StreamOptions) =>
  ({
    name: names.stream,
    ...mappingTo(names, options.partitions),
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_age: nanos(options.keepMs),
    max_msgs: -1,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
    ...(options.maxBytes === undefined ? {} : { max_bytes: options.maxBytes }),
    duplicate_window: nanos(15 * 60_000),
    num_replicas: options.replicas,
    allow_direct: true,
    allow_atomic: true,
    max_consumers: Math.max(2_000, options.partitions * 2),
  }) satisfies Partial<StreamConfig> & { name: string }
