import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from 'nats'
import { failureOfRequest } from './faults.ts'
import { consumerName, type StreamNames } from './names.ts'

/** What erasing needs of the stream. */
export const createStreamErase = (connection: NatsConnection, names: StreamNames) => {
  const answered = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw failureOfRequest(error)
    }
  }
  return {
    /** Sequence of the newest message. */
    lastSequence: () =>
      answered(async () => {
        const { streams } = await jetstreamManager(connection, { checkAPI: false })
        return (await streams.info(names.stream)).state.last_seq
      }),

    /** True when everything of this partition up to this sequence was worked on: it is in rows, and in nobody's hands. */
    isWorkedOn: (partition: number, sequence: number) =>
      answered(async () => {
        const { consumers } = await jetstreamManager(connection, { checkAPI: false })
        const { ack_floor, num_pending, num_ack_pending } = await consumers.info(names.stream, consumerName(partition))
        return ack_floor.stream_seq >= sequence || (num_pending === 0 && num_ack_pending === 0)
      }),

    /** Removes a message and overwrites its bytes on disk. False when it was gone. */
    erase: (sequence: number) =>
      answered(async () => {
        const { streams } = await jetstreamManager(connection, { checkAPI: false })
        try {
          return await streams.deleteMessage(names.stream, sequence, true)
        } catch (error) {
          if (error instanceof JetStreamApiError && gone.has(error.code)) return false
          throw error
        }
      }),
  }
}

/** "No message found", and "stream sequence not found" (10043: the sequence is before the first or was deleted). */
const gone = new Set<number>([JetStreamApiCodes.NoMessageFound, 10_043, 10_057])
