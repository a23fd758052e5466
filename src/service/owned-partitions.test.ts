import test from 'ava'
import { partitionOf } from '../domain/partition.ts'
import type { OwnPartition } from './open-partition.ts'
import { createOwnedPartitions } from './owned-partitions.ts'

test('a tenant is owned while its partition is, and a partition that was opened again outlives the end of its predecessor', t => {
  const owned = createOwnedPartitions(16)
  const [first, second, other] = [{}, {}, {}] as [OwnPartition, OwnPartition, OwnPartition]
  const [number, otherNumber] = [partitionOf('acme', 16), (partitionOf('acme', 16) + 1) % 16]
  t.false(owned.owns('acme'))
  owned.add(number, first)
  owned.add(otherNumber, other)
  t.true(owned.owns('acme'))
  t.is(owned.ofTenant('acme'), first)
  owned.add(number, second)
  owned.remove(number, first)
  t.is(owned.ofTenant('acme'), second)
  t.deepEqual(
    [owned.numbers(), owned.all()],
    [
      [number, otherNumber],
      [second, other],
    ],
  )
  owned.remove(number, second)
  t.false(owned.owns('acme'))
  t.deepEqual([owned.numbers(), owned.all()], [[otherNumber], [other]])
})
