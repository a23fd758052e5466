import { setTimeout as wait } from 'node:timers/promises'
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream'
import { Failure } from '../domain/failure.ts'
import { closedMapping, type Mapping, mappingTo, noteOfChange } from './mapping.ts'
import { consumerName, type StreamNames } from './names.ts'

/** Why the number of partitions cannot be changed now. */
export interface Hindrance {
  readonly from: number
  /** Messages that are not worked on, by partition. */
  readonly waiting: readonly { readonly partition: number; readonly messages: number }[]
  /** Workers that live; one that was killed counts until its heartbeat is forgotten. */
  readonly workers: readonly string[]
}

export interface Change {
  readonly manager: JetStreamManager
  readonly names: StreamNames
  readonly mapping: Mapping & { readonly partitions: number }
  readonly config: Partial<StreamConfig>
  readonly to: number
  readonly workers: () => Promise<readonly string[]>
  /** Throws when another process may be at the same work by now. */
  readonly keepTurn: () => Promise<void>
  readonly now: () => number
}

/** What the server took before the stream was closed is stored by then: within milliseconds, in a cluster by a majority. */
const settleMs = 1_000
/** As long a process that still has the number before may be started again by whatever looks after it. */
const noWayBackMs = 10 * 60_000

/**
 * Maps the stream to another number of partitions; null when that is done. Only while nothing waits and no worker lives: a message that waited
 * would be worked on by another supervisor than its tenant's later ones, or by none. The stream takes nothing in while that is looked at.
 * Killed in between it stays closed, or changed without its consumers: the next start ends either.
 */
export const changePartitions = async (change: Change): Promise<Hindrance | null> => {
  const { manager, names, mapping, config } = change
  refuseTheNumberBefore(change)
  const update = (part: Partial<StreamConfig>) => manager.streams.update(names.stream, part)
  const reopen = () => update(mappingTo(names, mapping.partitions))

  const atFirst = await hindrance(change)
  if (atFirst !== null) {
    if (!mapping.isOpen) await reopen()
    return atFirst
  }
  await update(closedMapping(names))
  await wait(settleMs)
  const whenClosed = await hindrance(change)
  await change.keepTurn()
  if (whenClosed !== null) {
    await reopen()
    return whenClosed
  }
  const { state, config: existing } = await manager.streams.info(names.stream)
  const note = noteOfChange(state.last_seq, mapping.partitions, change.now())
  await update({ ...config, metadata: { ...existing.metadata, ...note } })
  return null
}

const hindrance = async ({ manager, names, mapping, workers }: Change): Promise<Hindrance | null> => {
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

/** One process that was forgotten would change the number back. */
const refuseTheNumberBefore = ({ names, mapping, to, now }: Change): void => {
  const { before, partitions } = mapping
  if (before?.partitions !== to || now() > before.changedAt + noWayBackMs) return
  const again = new Date(before.changedAt + noWayBackMs).toISOString()
  throw new Failure(
    'invalid_settings',
    `The stream ${names.stream} was changed from ${to} to ${partitions} partitions at ${new Date(before.changedAt).toISOString()}, and this process still ` +
      `has ${to}: set DOORBELL_PARTITIONS=${partitions} in every process. If you want ${to} again, start with it after ${again}.`,
  )
}

/** What stands in the way, and what to do about it. */
export const refusedChange = (stream: string, to: number, { from, waiting, workers }: Hindrance): Failure => {
  const waits = waiting.map(({ partition, messages }) => `${messages} in partition ${partition}`)
  const hindrances = [
    ...(waits.length > 0 ? [`messages wait (${waits.join(', ')})`] : []),
    ...(workers.length > 0 ? [`workers run (${workers.join(', ')})`] : []),
  ]
  return new Failure(
    'invalid_settings',
    `The stream ${stream} has ${from} partitions, and this process is set to ${to}. The number is changed only while nothing waits and no ` +
      `worker runs, but ${hindrances.join(' and ')}. Either set DOORBELL_PARTITIONS=${from}, or change all processes: stop what accepts ` +
      `events, let workers with ${from} partitions empty the stream, stop all workers, then start everything with ${to}.`,
  )
}
