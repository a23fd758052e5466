import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from 'nats'
import { failureOfRequest } from './faults.ts'
import { consumerName, partitionFilter, type StreamNames } from './names.ts'

/** How full the stream is. */
export interface StreamState {
  readonly messages: number
  readonly bytes: number
  /** When its first message was accepted, ms; null for none. */
  readonly firstAt: number | null
}

/** How far a partition's consumer is. */
export interface ConsumerState {
  readonly partition: number
  readonly pending: number
  readonly ackPending: number
  readonly redelivered: number
  /** When its oldest message that is not acknowledged was accepted, ms; null for none. */
  readonly oldestAt: number | null
}

/** The state of the stream and its consumers, for whoever watches. Throws Failure `streams_unavailable`. */
export const createStreamState = (connection: NatsConnection, names: StreamNames, assertUp: () => void) => {
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      assertUp()
      return await work()
    } catch (error) {
      throw failureOfRequest(error)
    }
  }
  const consumer = async (partition: number): Promise<ConsumerState> => {
    const manager = await jetstreamManager(connection, { checkAPI: false })
    const info = await manager.consumers.info(names.stream, consumerName(partition))
    const state = {
      partition,
      pending: info.num_pending,
      ackPending: info.num_ack_pending,
      redelivered: info.num_redelivered,
    }
    if (state.pending + state.ackPending === 0) return { ...state, oldestAt: null }
    const next = { seq: info.ack_floor.stream_seq + 1, next_by_subj: partitionFilter(names, partition) }
    const oldest = await manager.direct.getMessage(names.stream, next)
    return { ...state, oldestAt: oldest?.time.getTime() ?? null }
  }
  return {
    state: (): Promise<StreamState> =>
      asked(async () => {
        const { streams } = await jetstreamManager(connection, { checkAPI: false })
        const { messages, bytes, first_ts } = (await streams.info(names.stream)).state
        return { messages, bytes, firstAt: messages === 0 ? null : Date.parse(first_ts) }
      }),
    consumerStates: (partitions: readonly number[]): Promise<ConsumerState[]> =>
      asked(() => Promise.all(partitions.map(consumer))),
  }
}
