import { setTimeout as delay } from 'node:timers/promises'
import type { StreamConfig } from '@nats-io/jetstream'
import type { Log } from '../../observability/log.ts'
import { Failure } from '../domain/failure.ts'
import type { StreamAccess } from './access.ts'
import { changePartitions, type Hindrance, refusedChange } from './change-partitions.ts'
import { removeConsumersFrom } from './consumers.ts'
import type { Difference } from '../domain/requirement.ts'
import type { Leases } from './leases.ts'
import { type Mapping, mappingTo, readMapping } from './mapping.ts'
import { orMissing } from './missing.ts'
import type { StreamNames } from './names.ts'
import { createConsumers } from './needs/create-consumers.ts'
import { isOfThisNumber, replaceMissing } from './needs/stream-requirement.ts'
import { streamConfig, type StreamOptions } from './stream-config.ts'

interface Ensuring {
  readonly leases: Pick<Leases, 'exclusively' | 'workers'>
  readonly log: Pick<Log, 'info'>
}

const retryMs = 250

/**
 * Creates the stream and a durable pull consumer for each partition, and changes the number of partitions. Returns what was lost and is there again.
 * The settings of what exists are compared by its requirement, also while the service runs.
 */
export const ensureStream = async (
  access: StreamAccess,
  ensuring: Ensuring,
  options: StreamOptions,
): Promise<readonly Difference[]> => {
  const { now = () => Date.now(), wait = delay } = options
  const until = now() + options.leaseMs + 1_000
  for (;;) {
    const result = await ensuring.leases.exclusively(renewLock =>
      ensure(access, ensuring, { ...options, now, wait }, renewLock),
    )
    if (!('from' in result)) return result
    // Messages wait for workers, so waiting here does not help. A killed worker only delays: the server drops its heartbeat.
    if (result.waiting.length > 0 || now() > until) throw refusedChange(access.names.stream, options.partitions, result)
    await wait(retryMs)
  }
}

const ensure = async (
  access: StreamAccess,
  { leases, log }: Ensuring,
  options: Required<Pick<StreamOptions, 'now' | 'wait'>> & StreamOptions,
  renewLock: () => Promise<void>,
): Promise<readonly Difference[] | Hindrance> => {
  const { manager, names } = access
  const { partitions: to, now, wait } = options
  const existing = await orMissing(manager.streams.info(names.stream))
  const lost = existing === null ? await replaceMissing(access, options) : []
  if (existing !== null) {
    const isOfOurs = await isOfThisNumber(access, options, existing)
    const mapping =
      isOfOurs && readMapping(names, existing.config).partitions === null ? null : knownMapping(names, existing.config)
    if (mapping === null || mapping.partitions === to) {
      const { max_age } = streamConfig(names, options)
      // A shorter retention counts from the start on; a longer one may have been set by another process since.
      const shorter = existing.config.max_age > max_age ? { max_age } : {}
      const opened = mapping?.isOpen === true ? {} : mappingTo(names, to)
      const change = { ...shorter, ...opened }
      if (Object.keys(change).length > 0) await manager.streams.update(names.stream, change)
    } else {
      // A start that was killed may have left out some consumers; the messages of these partitions would not count as waiting.
      await createConsumers(access, { ...options, partitions: mapping.partitions }, renewLock)
      const config = streamConfig(names, options)
      const change = { manager, names, mapping, config, to, workers: leases.workers, renewLock, now, wait }
      const hindrance = await changePartitions(change)
      if (hindrance !== null) return hindrance
      log.info({ from: mapping.partitions, to }, 'the number of partitions was changed')
    }
  }
  const consumers = await createConsumers(access, options, renewLock)
  await removeConsumersFrom(manager, names, to)
  return [...lost, ...consumers]
}

/** Throws Failure `invalid_settings` when the stream has another number of partitions, or is changing to one. */
export const assertPartitions = async ({ manager, names }: StreamAccess, partitions: number): Promise<void> => {
  const mapping = readMapping(names, (await manager.streams.info(names.stream)).config)
  if (mapping.isOpen && mapping.partitions === partitions) return
  throw new Failure(
    'invalid_settings',
    `This process is set to ${partitions} partitions, and another process ${mapping.isOpen ? `has changed the stream to ${mapping.partitions}` : 'is changing the stream'}: ` +
      'start it again, with the same DOORBELL_PARTITIONS as all others.',
  )
}

const knownMapping = (names: StreamNames, config: StreamConfig): Mapping & { readonly partitions: number } => {
  const { partitions, ...mapping } = readMapping(names, config)
  if (partitions !== null) return { ...mapping, partitions }
  throw new Failure(
    'invalid_settings',
    `The stream ${names.stream} maps its subjects to ${config.subject_transform?.dest ?? 'none'}, which this version of Doorbell does not know: ` +
      'use the version that created the stream, or another server.',
  )
}
