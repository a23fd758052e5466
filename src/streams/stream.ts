import { setTimeout as wait } from 'node:timers/promises'
import {
  DiscardPolicy,
  jetstreamManager,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { nanos, type NatsConnection } from 'nats'
import { Failure } from '../domain/failure.ts'
import { changePartitions, type Hindrance, refusedChange } from './change-partitions.ts'
import { ensureConsumers, removeConsumersFrom } from './consumers.ts'
import type { Leases } from './leases.ts'
import { type Mapping, mappingTo, readMapping } from './mapping.ts'
import type { StreamNames } from './names.ts'

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
  /** How long a worker that was killed is believed to live. */
  readonly leaseMs: number
  readonly now?: () => number
}

interface Log {
  info(fields: object, text: string): void
}

export interface StreamParts {
  readonly connection: NatsConnection
  readonly names: StreamNames
  readonly leases: Leases
  readonly log: Log
}

const askAgainMs = 250

/** Creates the VISITS stream and a durable pull consumer for each partition, or brings existing ones up to date. */
export const ensureStream = async (
  { connection, names, leases, log }: StreamParts,
  options: StreamOptions,
): Promise<void> => {
  const manager = await jetstreamManager(connection)
  const { now = () => Date.now() } = options
  const until = now() + options.leaseMs + 1_000
  for (;;) {
    const hindrance = await leases.inTurn(keepTurn =>
      ensure({ manager, names, options, workers: leases.workers, keepTurn, now, log }),
    )
    if (hindrance === null) return
    // What waits, waits for workers. One that was killed is waited for: the server forgets it.
    if (hindrance.waiting.length > 0 || now() > until) throw refusedChange(names.stream, options.partitions, hindrance)
    await wait(askAgainMs)
  }
}

interface Ensuring {
  readonly manager: JetStreamManager
  readonly names: StreamNames
  readonly options: StreamOptions
  readonly workers: () => Promise<readonly string[]>
  readonly keepTurn: () => Promise<void>
  readonly now: () => number
  readonly log: Log
}

const ensure = async (ensuring: Ensuring): Promise<Hindrance | null> => {
  const { manager, names, options, keepTurn, log } = ensuring
  const config = streamConfig(names, options)
  const existing = await manager.streams.info(names.stream).catch(() => null)
  if (existing === null) await manager.streams.add(config)
  else {
    const mapping = knownMapping(names, existing.config)
    if (mapping.partitions === options.partitions) await manager.streams.update(names.stream, config)
    else {
      // A start that was killed may have left some out; then their messages would not be seen to wait.
      await ensureConsumers(manager, names, options, { ...mapping, keepTurn })
      const hindrance = await changePartitions({ ...ensuring, mapping, config, to: options.partitions })
      if (hindrance !== null) return hindrance
      log.info({ from: mapping.partitions, to: options.partitions }, 'the number of partitions was changed')
    }
  }
  const { config: ensured } = await manager.streams.info(names.stream)
  await ensureConsumers(manager, names, options, { ...knownMapping(names, ensured), keepTurn })
  await removeConsumersFrom(manager, names, options.partitions)
  return null
}

/** Throws Failure `invalid_settings` when the stream has another number of partitions, or is being given one. */
export const assertPartitions = async (
  connection: NatsConnection,
  names: StreamNames,
  partitions: number,
): Promise<void> => {
  const manager = await jetstreamManager(connection, { checkAPI: false })
  const mapping = readMapping(names, (await manager.streams.info(names.stream)).config)
  if (mapping.isOpen && mapping.partitions === partitions) return
  throw new Failure(
    'invalid_settings',
    `This process is set to ${partitions} partitions, and another one ${mapping.isOpen ? `has changed the stream to ${mapping.partitions}` : 'is changing the stream'}: ` +
      'start it again, with the same DOORBELL_PARTITIONS as all others.',
  )
}

const streamConfig = (names: StreamNames, options: StreamOptions) =>
  ({
    name: names.stream,
    ...mappingTo(names, options.partitions),
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

const knownMapping = (names: StreamNames, config: StreamConfig): Mapping & { readonly partitions: number } => {
  const { partitions, ...mapping } = readMapping(names, config)
  if (partitions !== null) return { ...mapping, partitions }
  throw new Failure(
    'invalid_settings',
    `The stream ${names.stream} maps its subjects to ${config.subject_transform?.dest ?? 'none'}, which is not Doorbell’s way: ` +
      'use the version that made the stream, or another server.',
  )
}
