import { ownerOf, scoreOf } from './rendezvous.ts'

/** The end of the ids of workers that share by `evenShares`. Those of the release before know `ownerOf` alone. */
export const evenSharesMark = '-e'

/**
 * Returns the owner of each partition, by its number; none without workers. All workers that see the same fleet compute the same owners. While
 * a worker of the previous release is in the fleet, all share as it does: otherwise some partitions would have no owner during an upgrade.
 */
export const ownersOf = (partitions: number, workers: readonly string[]): readonly string[] => {
  if (workers.length === 0) return []
  if (workers.every(worker => worker.endsWith(evenSharesMark))) return evenShares(partitions, workers)
  return Array.from({ length: partitions }, (_, partition) => ownerOf(partition, workers) ?? '')
}

/**
 * Rendezvous hashing with bounded loads: the pairs of partition and worker are matched from the highest score down, as long as the worker has
 * room. No two shares differ by more than one, and a worker that joins or leaves moves little more than its own share.
 */
const evenShares = (partitions: number, workers: readonly string[]): readonly string[] => {
  const owners: string[] = []
  const shares = new Map(workers.map(worker => [worker, 0]))
  const share = Math.floor(partitions / workers.length)
  let spare = partitions % workers.length
  for (const { partition, worker } of rankedPairs(partitions, workers)) {
    const taken = shares.get(worker) ?? 0
    const isSpare = taken === share
    if (owners[partition] !== undefined || taken > share || (isSpare && spare === 0)) continue
    if (isSpare) spare -= 1
    owners[partition] = worker
    shares.set(worker, taken + 1)
  }
  return owners
}

const rankedPairs = (partitions: number, workers: readonly string[]) =>
  workers
    .flatMap(worker =>
      Array.from({ length: partitions }, (_, partition) => ({ partition, worker, score: scoreOf(partition, worker) })),
    )
    // The order of pairs with the same score must not depend on the order of the workers.
    .toSorted((a, b) => b.score - a.score || a.partition - b.partition || (a.worker < b.worker ? -1 : 1))
