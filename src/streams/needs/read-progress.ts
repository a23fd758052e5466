import type { StreamAccess } from '../access.ts'
import { consumersOf, markKey } from '../consumers.ts'
import type { Progress } from './progress.ts'

/** Reads how far each partition is processed: to its acknowledged position, or to the stream's end when nothing waits. */
export const readProgress = ({ manager, names, answered }: StreamAccess, now: () => number): Promise<Progress> =>
  answered(async () => {
    // The stream is read first: a consumer that has nothing left afterwards has processed everything up to here.
    const { state } = await manager.streams.info(names.stream)
    const processed = new Map<number, number>()
    for (const [partition, info] of await consumersOf(manager, names)) {
      // A consumer that was created by other means may have begun anywhere.
      if (info.config.metadata?.[markKey] === undefined) continue
      const isDone = info.num_pending + info.num_ack_pending === 0
      processed.set(partition, isDone ? state.last_seq : Math.min(info.ack_floor.stream_seq, state.last_seq))
    }
    return { processed, highest: { sequence: state.last_seq, at: now() } }
  })
