import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream'
import { Failure } from '../domain/failure.ts'
import { closedMapping, type Mapping, mappingTo, metadataOfChange } from './mapping.ts'
import { consumerName, type StreamNames } from './names.ts'

/** The reasons why the number of partitions cannot change now. */
export interface Hindrance {
  readonly from: number
  /** Unprocessed messages, by partition. */
  readonly waiting: readonly { readonly partition: number; readonly messages: number }[]
  /** Running workers; a worker that was killed counts until the server drops its heartbeat. */
  readonly workers: readonly string[]
}

export interface Change {
  readonly manager: JetStreamManager
  readonly names: StreamNames
  readonly mapping: Mapping & { readonly partitions: number }
  readonly config: Partial<StreamConfig>
  readonly to: number
  readonly workers: () => Promise<readonly string[]>
  /** Throws when another process may be doing the same work. */
  readonly renewLock: () => Promise<void>
  readonly now: () => number
  readonly wait: (forMs: number) => Promise<unknown>
}

/** Messages that the server received before the stream closed are stored by then: within milliseconds, in a cluster by a majority. */
const settleMs = 1_000
/** For this long, a supervisor of processes may still start one with the previous number. */
export const noWayBackMs = 10 * 60_000

/**
 * Maps the stream to another number of partitions. Returns null when that is done, else what prevented it. The change needs a stream in which
 * nothing waits and a fleet without workers: a waiting message would be processed by another supervisor than its tenant's later ones, or
 * by none. The stream accepts nothing while that is checked. If this process is killed in between, the stream stays closed, or is changed
 * but lacks consumers; the next start completes either.
 */
export const changePartitions = async (change: Change): Promise<Hindrance | null> => {
  const { manager, names, mapping, config } = change
  refusePreviousNumber(change)
  const update = (part: Partial<StreamConfig>) => manager.streams.update(names.stream, part)
  const reopen = () => update(mappingTo(names, mapping.partitions))

  const atFirst = await hindranceOf(change)
  if (atFirst !== null) {
    if (!mapping.isOpen) await reopen()
    return atFirst
  }
  await update(closedMapping(names))
  await change.wait(settleMs)
  const whenClosed = await hindranceOf(change)
  await change.renewLock()
  if (whenClosed !== null) {
    await reopen()
    return whenClosed
  }
  const { state, config: existing } = await manager.streams.info(names.stream)
  const metadata = metadataOfChange(state.last_seq, mapping.partitions, change.now())
  await update({ ...config, metadata: { ...existing.metadata, ...metadata } })
  return null
}

const hindranceOf = async ({ manager, names, mapping, workers }: Change): Promise<Hindrance | null> => {
  const numbers = Array.from({ length: mapping.partitions }, (_, partition) => partition)
  const states = await Promise.all(
    numbers.map(async partition => {
      const { num_pending, num_ack_pending } = await manager.consumers.info(names.stream, consumerName(partition))
      return { partition, messages: num_pending + num_ack_pending }
    }),
  )
  const found = {
    from: mapping.partitions,
    waiting: states.filter(({ messages }) => messages > 0),
    workers: await workers(),
  }
  return found.waiting.length + found.workers.length === 0 ? null : found
}

/** A single process that still has the previous number would change it back. */
const refusePreviousNumber = ({ names, mapping, to, now }: Change): void => {
  const { before, partitions } = mapping
  if (before?.partitions !== to || now() > before.changedAt + noWayBackMs) return
  const allowedAt = new Date(before.changedAt + noWayBackMs).toISOString()
  throw new Failure(
    'invalid_settings',
    `The stream ${names.stream} was changed from ${to} to ${partitions} partitions at ${new Date(before.changedAt).toISOString()}, and this process still ` +
      `has ${to}: set DOORBELL_PARTITIONS=${partitions} in every process. If you want ${to} again, start with it after ${allowedAt}.`,
  )
}

/** Says what prevents the change, and what to do about it. */
export const refusedChange = (stream: string, to: number, { from, waiting, workers }: Hindrance): Failure => {
  const waits = waiting.map(({ partition, messages }) => `${messages} in partition ${partition}`)
  const reasons = [
    ...(waits.length > 0 ? [`messages wait (${waits.join(', ')})`] : []),
    ...(workers.length > 0 ? [`workers run (${workers.join(', ')})`] : []),
  ]
  return new Failure(
    'invalid_settings',
    `The stream ${stream} has ${from} partitions, and this process is set to ${to}. The number changes only while no message waits and no ` +
      `worker runs, but ${reasons.join(' and ')}. Either set DOORBELL_PARTITIONS=${from}, or change all processes: stop every process that accepts ` +
      `events, let workers with ${from} partitions empty the stream, stop all workers, then start all processes with ${to}.`,
  )
}
