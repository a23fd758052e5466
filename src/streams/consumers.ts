import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  ReplayPolicy,
} from '@nats-io/jetstream'
import { nanos } from 'nats'
import { isTaken } from './missing.ts'
import { consumerName, partitionFilter, partitionOfConsumer, type StreamNames } from './names.ts'

export interface ConsumerOptions {
  readonly ackWaitMs: number
  /** Most unacknowledged messages of one partition. */
  readonly window: number
}

/** Where a new consumer begins. */
export interface Beginning {
  /** All messages of the partition up to this one are processed. */
  readonly after: number
  /** A previous consumer may have delivered messages up to this one. */
  readonly inHandTo: number
}

/** Marks the consumers that Doorbell created: one of this name that was created by other means begins somewhere else. */
export const markKey = 'doorbell_after'
const inHandKey = 'doorbell_in_hand_to'

export const marksOf = ({ after, inHandTo: to }: Beginning): Record<string, string> => ({
  [markKey]: String(after),
  [inHandKey]: String(to),
})

/** A message up to this one may be in the hand of a worker that read an earlier consumer of this partition. */
export const inHandTo = ({ metadata = {} }: Pick<ConsumerConfig, 'metadata'>): number =>
  Number(metadata[inHandKey] ?? 0)

/** The settings of a partition's consumer, without its beginning. */
export const consumerConfig = (names: StreamNames, { ackWaitMs, window }: ConsumerOptions, partition: number) =>
  ({
    durable_name: consumerName(partition),
    filter_subject: partitionFilter(names, partition),
    ack_policy: AckPolicy.Explicit,
    replay_policy: ReplayPolicy.Instant,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: window,
    max_deliver: -1,
  }) satisfies Partial<ConsumerConfig>

/** Creates a durable pull consumer for a partition. Returns false when another process was first. */
export const createConsumer = async (
  manager: JetStreamManager,
  names: StreamNames,
  options: ConsumerOptions,
  partition: number,
  beginning: Beginning,
): Promise<boolean> => {
  const { after } = beginning
  const start = after === 0 ? {} : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: after + 1 }
  const metadata = marksOf(beginning)
  try {
    await manager.consumers.add(names.stream, { ...consumerConfig(names, options, partition), ...start, metadata })
    return true
  } catch (error) {
    if (isTaken(error)) return false
    throw error
  }
}

/** Removes the consumers of a larger number of partitions. Their messages are all processed. */
export const removeConsumersFrom = async (
  manager: JetStreamManager,
  names: StreamNames,
  partitions: number,
): Promise<void> => {
  for (const partition of (await consumersOf(manager, names)).keys())
    if (partition >= partitions) await manager.consumers.delete(names.stream, consumerName(partition))
}

/** The consumers of partitions, by their partition. */
export const consumersOf = async (
  manager: JetStreamManager,
  names: StreamNames,
): Promise<ReadonlyMap<number, ConsumerInfo>> => {
  const found = new Map<number, ConsumerInfo>()
  for await (const info of manager.consumers.list(names.stream)) {
    const partition = partitionOfConsumer(info.name)
    if (partition !== null) found.set(partition, info)
  }
  return found
}
