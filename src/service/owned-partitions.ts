import { partitionOf } from '../domain/partition.ts'
import type { OwnPartition } from './open-partition.ts'

/** The partitions that this process works on. */
export interface OwnedPartitions {
  add(number: number, partition: OwnPartition): void
  /** Does nothing when the number was opened again since. */
  remove(number: number, partition: OwnPartition): void
  numbers(): readonly number[]
  all(): readonly OwnPartition[]
  /** The partition that works on a tenant, if this process has it. */
  ofTenant(tenant: string): OwnPartition | undefined
  owns(tenant: string): boolean
}

export const createOwnedPartitions = (partitions: number): OwnedPartitions => {
  const owned = new Map<number, OwnPartition>()
  const ofTenant = (tenant: string) => owned.get(partitionOf(tenant, partitions))
  return {
    add: (number, partition) => void owned.set(number, partition),
    remove: (number, partition) => {
      if (owned.get(number) === partition) owned.delete(number)
    },
    numbers: () => [...owned.keys()],
    all: () => [...owned.values()],
    ofTenant,
    owns: tenant => ofTenant(tenant) !== undefined,
  }
}
