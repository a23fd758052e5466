import { setTimeout as delay } from 'node:timers/promises'
import type { StreamConfig } from '@nats-io/jetstream'
import type { Log } from '../../observability/log.ts'
import { Failure } from '../domain/failure.ts'
import type { StreamAccess } from './access.ts'
import { changePartitions, type Hindrance, refusedChange } from './change-partitions.ts'
import { ensureConsumers, removeConsumersFrom } from './consumers.ts'
import type { Leases } from './leases.ts'
import { type Mapping, readMapping } from './mapping.ts'
import type { StreamNames } from './names.ts'
import { streamConfig, type StreamOptions } from './stream-config.ts'

interface Ensuring {
  readonly leases: Pick<Leases, 'exclusively' | 'workers'>
  readonly log: Pick<Log, 'info'>
}

const retryMs = 250

/** Creates the stream and a durable pull consumer for each partition, or brings existing ones up to date. */
export const ensureStream = async (access: StreamAccess, ensuring: Ensuring, options: StreamOptions): Promise<void> => {
  const { now = () => Date.now(), wait = delay } = options
  const until = now() + options.leaseMs + 1_000
  for (;;) {
    const hindrance = await ensuring.leases.exclusively(renewLock =>
      ensure(access, ensuring, { ...options, now, wait }, renewLock),
    )
    if (hindrance === null) return
    // Messages wait for workers, so waiting here does not help. A killed worker only delays: the server drops its heartbeat.
    if (hindrance.waiting.length > 0 || now() > until)
      throw refusedChange(access.names.stream, options.partitions, hindrance)
    await wait(retryMs)
  }
}

const ensure = async (
  { manager, names }: StreamAccess,
  { leases, log }: Ensuring,
  options: Required<Pick<StreamOptions, 'now' | 'wait'>> & StreamOptions,
  renewLock: () => Promise<void>,
): Promise<Hindrance | null> => {
  const config = streamConfig(names, options)
  const existing = await manager.streams.info(names.stream).catch(() => null)
  if (existing === null) await manager.streams.add(config)
  else {
    const mapping = knownMapping(names, existing.config)
    if (mapping.partitions === options.partitions) await manager.streams.update(names.stream, config)
    else {
      // A start that was killed may have left out some consumers; the messages of these partitions would not count as waiting.
      await ensureConsumers(manager, names, options, { ...mapping, renewLock })
      const { partitions: to, now, wait } = options
      const change = { manager, names, mapping, config, to, workers: leases.workers, renewLock, now, wait }
      const hindrance = await changePartitions(change)
      if (hindrance !== null) return hindrance
      log.info({ from: mapping.partitions, to }, 'the number of partitions was changed')
    }
  }
  const { config: ensured } = await manager.streams.info(names.stream)
  await ensureConsumers(manager, names, options, { ...knownMapping(names, ensured), renewLock })
  await removeConsumersFrom(manager, names, options.partitions)
  return null
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
