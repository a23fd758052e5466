import { AckPolicy, DeliverPolicy, type JetStreamManager } from '@nats-io/jetstream'
import { nanos } from 'nats'
import { consumerName, partitionFilter, partitionOfConsumer, type StreamNames } from './names.ts'

export interface ConsumerOptions {
  readonly ackWaitMs: number
  /** Most unacknowledged messages of one partition. */
  readonly window: number
}

export interface Consumers {
  readonly partitions: number
  /** A new consumer starts behind this message: the messages before it were processed under another number of partitions. */
  readonly since: number
  /** Throws when another process may be doing the same work. */
  readonly renewLock: () => Promise<void>
}

const concurrency = 16

/** Creates a durable pull consumer for each partition, or brings an existing one up to date. */
export const ensureConsumers = async (
  manager: JetStreamManager,
  names: StreamNames,
  options: ConsumerOptions,
  { partitions, since, renewLock }: Consumers,
): Promise<void> => {
  const numbers = Array.from({ length: partitions }, (_, partition) => partition)
  for (let first = 0; first < partitions; first += concurrency) {
    await renewLock()
    const group = numbers.slice(first, first + concurrency)
    await Promise.all(group.map(partition => ensureConsumer(manager, names, options, partition, since)))
  }
}

const ensureConsumer = async (
  manager: JetStreamManager,
  names: StreamNames,
  { ackWaitMs, window }: ConsumerOptions,
  partition: number,
  since: number,
): Promise<void> => {
  const name = consumerName(partition)
  const changeable = { ack_wait: nanos(ackWaitMs), max_ack_pending: window, max_deliver: -1 }
  const existing = await manager.consumers.info(names.stream, name).catch(() => null)
  if (existing !== null) return void (await manager.consumers.update(names.stream, name, changeable))
  const start = since === 0 ? {} : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: since + 1 }
  await manager.consumers.add(names.stream, {
    durable_name: name,
    filter_subject: partitionFilter(names, partition),
    ack_policy: AckPolicy.Explicit,
    ...start,
    ...changeable,
  })
  return undefined
}

/** Removes the consumers of a larger number of partitions. Their messages are all processed. */
export const removeConsumersFrom = async (
  manager: JetStreamManager,
  names: StreamNames,
  partitions: number,
): Promise<void> => {
  const found: string[] = []
  for await (const { name } of manager.consumers.list(names.stream)) found.push(name)
  for (const name of found)
    if ((partitionOfConsumer(name) ?? -1) >= partitions) await manager.consumers.delete(names.stream, name)
}
