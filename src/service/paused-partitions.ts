/** The partitions that this process has paused after repeated faults, while it works on the others. */
export interface PausedPartitions {
  paused(partition: number, forMs: number): void
  /** The partition was given up: another worker has it, or begins again. */
  closed(partition: number): void
  /** Partitions that are paused, or that have not run for long enough since to be well. */
  numbers(): readonly number[]
}

/** A defect shows again at once, or with a message that comes within this time. */
const wellAfterMs = 60_000

export const createPausedPartitions = (now: () => number = () => performance.now()): PausedPartitions => {
  const endsAt = new Map<number, number>()
  return {
    paused: (partition, forMs) => void endsAt.set(partition, now() + forMs),
    closed: partition => void endsAt.delete(partition),
    numbers: () => {
      for (const [partition, at] of endsAt) if (now() >= at + wellAfterMs) endsAt.delete(partition)
      return [...endsAt.keys()]
    },
  }
}
