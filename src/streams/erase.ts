import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'
import type { StreamAccess } from './access.ts'
import { readMapping } from './mapping.ts'
import { consumerName } from './names.ts'

/** The operations of the stream that an erasure needs. */
export const createStreamErase = ({ manager, names, answered }: StreamAccess) => ({
  /** Returns the sequence of the newest message. */
  lastSequence: () => answered(async () => (await manager.streams.info(names.stream)).state.last_seq),

  /** True when every message of this partition up to this sequence is acknowledged: it is in rows, and no worker has it in hand. */
  isWorkedOn: (partition: number, sequence: number) =>
    answered(async () => {
      const info = await manager.consumers.info(names.stream, consumerName(partition))
      return info.ack_floor.stream_seq >= sequence || (info.num_pending === 0 && info.num_ack_pending === 0)
    }),

  /** Returns a sequence up to which every message of this partition is acknowledged. A later one may be under way, or waits. */
  workedOnTo: (partition: number) =>
    answered(async () => {
      const { since } = readMapping(names, (await manager.streams.info(names.stream)).config)
      return Math.max(since, await ackFloor(manager, names.stream, consumerName(partition)))
    }),

  /** Removes a message and overwrites its bytes on disk, as the client asks for by default. Returns false when it was gone. */
  erase: (sequence: number) =>
    answered(async () => {
      try {
        return await manager.streams.deleteMessage(names.stream, sequence)
      } catch (error) {
        if (error instanceof JetStreamApiError && gone.has(error.code)) return false
        throw error
      }
    }),
})

/** A consumer that was lost has processed nothing that is known. */
const ackFloor = async (manager: StreamAccess['manager'], stream: string, consumer: string): Promise<number> => {
  try {
    return (await manager.consumers.info(stream, consumer)).ack_floor.stream_seq
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound) return 0
    throw error
  }
}

/** "No message found", and "stream sequence not found" (10043: the sequence is before the first or was deleted). */
const gone = new Set<number>([JetStreamApiCodes.NoMessageFound, 10_043, 10_057])
