import type { StreamAccess } from './access.ts'
import { isConsumerMissing } from './missing.ts'
import { consumerName, partitionFilter } from './names.ts'

/** How full the stream is. */
export interface StreamState {
  readonly messages: number
  readonly bytes: number
  /** How many servers hold it. */
  readonly replicas: number
  /** When its first message was accepted, ms; null for an empty stream. */
  readonly firstAt: number | null
}

/** The progress of one partition's consumer. */
export interface ConsumerState {
  readonly partition: number
  readonly pending: number
  readonly ackPending: number
  readonly redelivered: number
  /** When its oldest unacknowledged message was accepted, ms; null if there is none. */
  readonly oldestAt: number | null
}

const unlessMissing = (error: unknown): null => {
  if (isConsumerMissing(error)) return null
  throw error
}

/** Reads the state of the stream and of its consumers. Throws Failure `streams_unavailable`. */
export const createStreamState = ({ manager, names, answered, doubt }: StreamAccess) => {
  const consumer = async (partition: number): Promise<ConsumerState> => {
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
      answered(async () => {
        const { state, config } = await manager.streams.info(names.stream)
        const { messages, bytes, first_ts } = state
        return { messages, bytes, replicas: config.num_replicas, firstAt: messages === 0 ? null : Date.parse(first_ts) }
      }),
    /** A partition whose consumer is missing has no state; the others have theirs. */
    consumerStates: (partitions: readonly number[]): Promise<ConsumerState[]> =>
      answered(async () => {
        const states = await Promise.all(partitions.map(partition => consumer(partition).catch(unlessMissing)))
        if (states.includes(null)) doubt()
        return states.filter(state => state !== null)
      }),
  }
}
