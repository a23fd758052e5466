import {
  AckPolicy,
  DiscardPolicy,
  jetstreamManager,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { nanos, type NatsConnection } from 'nats'
import { Failure } from '../domain/failure.ts'
import { consumerName, partitionFilter, type StreamNames } from './names.ts'

export interface StreamOptions {
  readonly partitions: number
  /** 1 on one node, 3 in a cluster. */
  readonly replicas: number
  /** Limit of the stream on disk, bytes; -1: the server's own limit. */
  readonly maxBytes?: number
  /** How long messages are kept. */
  readonly keepMs: number
  /** How long a message may be unacknowledged before it is offered again. Longer than any attempt with its write. */
  readonly ackWaitMs: number
  /** Most unacknowledged messages of one partition. */
  readonly window: number
}

/** Creates the VISITS stream and a durable pull consumer for each partition, or brings existing ones up to date. */
export const ensureStream = async (
  connection: NatsConnection,
  names: StreamNames,
  options: StreamOptions,
): Promise<void> => {
  const manager = await jetstreamManager(connection)
  const config = streamConfig(names, options)
  const existing = await manager.streams.info(names.stream).catch(() => null)
  if (existing === null) await manager.streams.add(config)
  else {
    samePartitions(existing.config, config)
    await manager.streams.update(names.stream, config)
  }
  for (let partition = 0; partition < options.partitions; partition += 1)
    await ensureConsumer(manager, names, options, partition)
}

const streamConfig = ({ stream, root }: StreamNames, options: StreamOptions) =>
  ({
    name: stream,
    subjects: [`${root}.in.*.>`],
    // The server spreads tenants over partitions; the tenant stays in the subject behind its number.
    subject_transform: {
      src: `${root}.in.*.>`,
      dest: `${root}.{{partition(${options.partitions},1)}}.{{wildcard(1)}}.>`,
    },
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_age: nanos(options.keepMs),
    max_bytes: options.maxBytes ?? -1,
    duplicate_window: nanos(15 * 60_000),
    num_replicas: options.replicas,
    allow_direct: true,
    allow_atomic: true,
    max_consumers: Math.max(2_000, options.partitions * 2),
  }) satisfies Partial<StreamConfig> & { name: string }

/** Another number of partitions would move tenants away from messages that wait under their old number. */
const samePartitions = (existing: StreamConfig, wanted: Partial<StreamConfig>): void => {
  if (existing.subject_transform?.dest === wanted.subject_transform?.dest) return
  throw new Failure(
    'invalid_settings',
    `The stream ${existing.name} maps its subjects to ${existing.subject_transform?.dest ?? 'none'}, this version to ${wanted.subject_transform?.dest ?? 'none'}. ` +
      'Partitions cannot be changed while messages wait: use the version that made the stream, or an empty one.',
  )
}

const ensureConsumer = async (
  manager: JetStreamManager,
  names: StreamNames,
  options: StreamOptions,
  partition: number,
): Promise<void> => {
  const name = consumerName(partition)
  const changeable = { ack_wait: nanos(options.ackWaitMs), max_ack_pending: options.window, max_deliver: -1 }
  const existing = await manager.consumers.info(names.stream, name).catch(() => null)
  if (existing !== null) return void (await manager.consumers.update(names.stream, name, changeable))
  await manager.consumers.add(names.stream, {
    durable_name: name,
    filter_subject: partitionFilter(names, partition),
    ack_policy: AckPolicy.Explicit,
    ...changeable,
  })
  return undefined
}
