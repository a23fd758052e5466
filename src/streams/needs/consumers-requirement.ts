import type { ConsumerConfig, ConsumerInfo } from '@nats-io/jetstream'
import type { Difference, Requirement } from '../../domain/requirement.ts'
import type { StreamAccess } from '../access.ts'
import { type Beginning, consumerConfig, consumersOf, createConsumer, markKey } from '../consumers.ts'
import { readMapping } from '../mapping.ts'
import { orMissing } from '../missing.ts'
import { consumerName } from '../names.ts'
import type { StreamOptions } from '../stream-config.ts'
import { applyChanges } from './apply.ts'
import { inGroups, type OfPartition } from './by-partition.ts'
import { consumerDeviations } from './consumer-rules.ts'
import { type Beginnings, createConsumers, readBeginnings } from './create-consumers.ts'
import { restored } from './deviation.ts'

const arrives = 'Every event reaches the worker of its partition.'
const leaveIt = 'leave the consumers of the partitions to Doorbell'

/** A durable consumer for each partition, which begins where the previous one ended. */
export const consumersRequirement = (access: StreamAccess, options: StreamOptions): Requirement => ({
  name: 'consumers',
  check: () =>
    access.answered(async () => {
      const { manager, names } = access
      const { config } = await manager.streams.info(names.stream)
      if (readMapping(names, config).partitions !== options.partitions) return []
      const lost = await createConsumers(access, options)
      return [...lost, ...(await compareAll(access, options))]
    }),
})

const compareAll = async (access: StreamAccess, options: StreamOptions): Promise<Difference[]> => {
  const { manager, names } = access
  const existing = await consumersOf(manager, names)
  let reading: Promise<Beginnings> | undefined
  const beginnings = () => (reading ??= readBeginnings(access, options))
  const found = [...existing].filter(([partition]) => partition < options.partitions)
  const differences = await Promise.all(
    found.map(async ([partition, info]): Promise<OfPartition> => [
      partition,
      await compareOne(access, options, partition, info, beginnings),
    ]),
  )
  return inGroups(names.stream, differences)
}

const compareOne = async (
  { manager, names }: StreamAccess,
  options: StreamOptions,
  partition: number,
  info: ConsumerInfo,
  beginnings: () => Promise<Beginnings>,
): Promise<Difference[]> => {
  const name = consumerName(partition)
  const recreate = async (beginning: Beginning) => {
    await orMissing(manager.consumers.delete(names.stream, name))
    await createConsumer(manager, names, options, partition, beginning)
  }
  if (info.config.metadata?.[markKey] === undefined) {
    const { knows, of } = await beginnings()
    if (knows(partition)) {
      await recreate(of(partition))
      return [restored('', { difference: 'was created by other means', promise: arrives }, leaveIt)]
    }
    // It is from a version of Doorbell that made no mark.
    const metadata = { ...info.config.metadata, [markKey]: String(info.ack_floor.stream_seq) }
    await manager.consumers.update(names.stream, name, { metadata })
  }
  const resumed = info.paused === true ? [await resume(manager, names.stream, name)] : []
  const wanted: Partial<ConsumerConfig> = consumerConfig(names, options, partition)
  const differences = await applyChanges(
    consumerDeviations(info.config, wanted),
    change => manager.consumers.update(names.stream, name, change),
    { object: '', whenRestored: leaveIt, whenBroken: leaveIt },
  )
  if (!differences.some(({ outcome }) => outcome === 'broken')) return [...resumed, ...differences]
  // The server changes these settings only on a new consumer. What was acknowledged out of order comes again, and is found in the ledger.
  await recreate({ after: info.ack_floor.stream_seq, inHandTo: info.delivered.stream_seq })
  return [...resumed, ...differences.map(each => ({ ...each, outcome: 'restored' as const }))]
}

const resume = async (manager: StreamAccess['manager'], stream: string, name: string): Promise<Difference> => {
  await manager.consumers.resume(stream, name)
  const remedy = 'stop the workers instead, or pause a subscription; a paused consumer is resumed'
  return restored('', { difference: 'is paused', promise: arrives }, remedy)
}
