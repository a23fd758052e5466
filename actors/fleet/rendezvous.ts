import { fnv1a } from '../../src/domain/partition.ts'

/**
 * Returns the owner of a partition: the worker with the highest score (rendezvous hashing, Thaler and Ravishankar 1998). All workers that
 * see the same fleet compute the same owner, and a worker that joins or leaves moves only its own share.
 */
export const ownerOf = (partition: number, workers: readonly string[]): string | null => {
  let owner: string | null = null
  let best = -Infinity
  // Sorted, so that of two workers with the same score everybody takes the same.
  for (const worker of workers.toSorted()) {
    const score = scoreOf(partition, worker)
    if (score >= best) [owner, best] = [worker, score]
  }
  return owner
}

/** The same for everyone: a whole number of 32 bits. */
export const scoreOf = (partition: number, worker: string): number => mixed(fnv1a(`${partition}/${worker}`))

/** The last characters barely change the high bits of FNV; murmur3's finalizer spreads them. */
const mixed = (hash: number): number => {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
