import type { StreamAccess } from '../access.ts'
import { consumersOf } from '../consumers.ts'
import { hasOurPosition, isAhead } from './consumer-rules.ts'
import type { Progress } from './progress.ts'

/**
 * Reads how far each partition is processed: to its acknowledged position, or to the stream's end when nothing waits. A consumer that others
 * changed may have skipped messages, or delivered them without their bodies: what it acknowledged does not count.
 */
export const readProgress = ({ manager, names, answered, doubt }: StreamAccess, now: () => number): Promise<Progress> =>
  answered(async () => {
    // The stream is read first: a consumer that has nothing left afterwards has processed everything up to here.
    const { state } = await manager.streams.info(names.stream)
    const processed = new Map<number, number>()
    const consumers = await consumersOf(manager, names)
    const { state: later } = await manager.streams.info(names.stream)
    for (const [partition, info] of consumers) {
      if (!hasOurPosition(names, partition, info.config) || isAhead(info, later.last_seq)) {
        doubt()
        continue
      }
      const isDone = info.num_pending + info.num_ack_pending === 0
      processed.set(partition, isDone ? state.last_seq : Math.min(info.ack_floor.stream_seq, state.last_seq))
    }
    return { processed, highest: { sequence: state.last_seq, at: now() } }
  })
