import { fnv1a } from '../../src/domain/partition.ts'

/**
 * Who is to work on a partition: the worker with the highest score (rendezvous hashing, Thaler and Ravishankar 1998). Everybody who
 * sees the same workers computes the same owner, and a worker that comes or goes moves its own share only.
 */
export const ownerOf = (partition: number, workers: readonly string[]): string | null => {
  let owner: string | null = null
  let best = -1
  for (const worker of workers) {
    const score = mixed(fnv1a(`${partition}/${worker}`))
    if (score > best || (score === best && owner !== null && worker > owner)) [owner, best] = [worker, score]
  }
  return owner
}

/** FNV's last characters change its high bits little: murmur3's finalizer spreads them. */
const mixed = (hash: number): number => {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
