import type { Difference } from '../../domain/requirement.ts'
import { consumerName } from '../names.ts'

/** What differs at the consumer of one partition; the object is not named yet. */
export type OfPartition = readonly [partition: number, differences: readonly Difference[]]

/** Makes one difference of those that several partitions share, since who changes one consumer most often changes all. */
export const inGroups = (stream: string, found: readonly OfPartition[]): Difference[] => {
  const groups = new Map<string, { partitions: number[]; difference: Difference }>()
  for (const [partition, differences] of found)
    for (const difference of differences) {
      const key = JSON.stringify([difference.difference, difference.outcome])
      const group = groups.get(key) ?? { partitions: [], difference }
      group.partitions.push(partition)
      groups.set(key, group)
    }
  return [...groups.values()].map(({ partitions, difference }) => ({
    ...difference,
    object: `${partitions.length === 1 ? 'consumer' : 'consumers'} ${partitions.map(consumerName).join(', ')} of ${stream}`,
  }))
}
