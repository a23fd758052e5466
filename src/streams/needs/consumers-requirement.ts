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
import { consumerDeviations, isAhead, isOurs, isPositionLost } from './consumer-rules.ts'
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
  // Read after the consumers, which are never ahead of it.
  const { state } = await manager.streams.info(names.stream)
  let reading: Promise<Beginnings> | undefined
  const beginnings = () => (reading ??= readBeginnings(access, options))
  const found = [...existing].filter(([partition]) => partition < options.partitions)
  const differences = await Promise.all(
    found.map(async ([partition, info]): Promise<OfPartition> => [
      partition,
      await compareOne(access, options, partition, info, state.last_seq, beginnings),
    ]),
  )
  return inGroups(names.stream, differences)
}

const compareOne = async (
  { manager, names }: StreamAccess,
  options: StreamOptions,
  partition: number,
  info: ConsumerInfo,
  lastSequence: number,
  beginnings: () => Promise<Beginnings>,
): Promise<Difference[]> => {
  const name = consumerName(partition)
  const recreate = async (beginning: Beginning) => {
    await orMissing(manager.consumers.delete(names.stream, name))
    await createConsumer(manager, names, options, partition, beginning)
  }
  if (!isOurs(info.config)) {
    const { knows, of } = await beginnings()
    if (knows(partition) || info.config.metadata?.[markKey] !== undefined) {
      await recreate(of(partition))
      return [restored('', { difference: 'was created by other means', promise: arrives }, leaveIt)]
    }
    // It is from a version of Doorbell that made no mark.
    const metadata = { ...info.config.metadata, [markKey]: String(info.ack_floor.stream_seq) }
    await manager.consumers.update(names.stream, name, { metadata })
  }
  const resumed = info.paused === true ? [await resume(manager, names.stream, name)] : []
  const wanted: Partial<ConsumerConfig> = consumerConfig(names, options, partition)
  const deviations = consumerDeviations(info.config, wanted)
  const ahead = isAhead(info, lastSequence) ? [aheadBy(info)] : []
  if (!isPositionLost(deviations) && ahead.length === 0) {
    const differences = await applyChanges(deviations, change => manager.consumers.update(names.stream, name, change), {
      object: '',
      whenRestored: leaveIt,
      whenBroken: leaveIt,
    })
    if (!differences.some(({ outcome }) => outcome === 'broken')) return [...resumed, ...differences]
  }
  // What it acknowledged in another order, or since it was changed, comes again, and is found in the ledger.
  const { of } = await beginnings()
  const { after, inHandTo } = of(partition)
  await recreate({ after, inHandTo: Math.max(inHandTo, Math.min(info.delivered.stream_seq, lastSequence)) })
  return [...resumed, ...ahead, ...deviations.map(each => restored('', each, leaveIt))]
}

const aheadBy = ({ ack_floor }: ConsumerInfo): Difference =>
  restored('', { difference: `is ahead of the stream, at message ${ack_floor.stream_seq}`, promise: arrives }, leaveIt)

const resume = async (manager: StreamAccess['manager'], stream: string, name: string): Promise<Difference> => {
  await manager.consumers.resume(stream, name)
  const remedy = 'stop the workers instead, or pause a subscription; a paused consumer is resumed'
  return restored('', { difference: 'is paused', promise: arrives }, remedy)
}
