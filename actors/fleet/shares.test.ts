import test from 'ava'
import fc from 'fast-check'
import { ownerOf } from './rendezvous.ts'
import { evenSharesMark, ownersOf } from './shares.ts'

const worker = fc.string({ minLength: 1, maxLength: 26 }).map(name => name + evenSharesMark)
const crew = (size: number, seed = 0) =>
  Array.from({ length: size }, (_, n) => `01KE4W2V8Y${seed * 1_000 + n}${evenSharesMark}`)

const sizesOf = (owners: readonly string[], workers: readonly string[]) =>
  workers.map(each => owners.filter(owner => owner === each).length)

test('no two workers differ by more than one partition, for every number of partitions and workers', t => {
  const uneven: string[] = []
  const counts = [...Array.from({ length: 24 }, (_, n) => n + 1), 64, 255, 256]
  for (const partitions of counts)
    for (const size of [...counts, 100, 128].filter(each => each <= partitions)) {
      const workers = crew(size)
      const sizes = sizesOf(ownersOf(partitions, workers), workers)
      if (Math.max(...sizes) - Math.min(...sizes) > 1 || sizes.reduce((sum, each) => sum + each, 0) !== partitions)
        uneven.push(`${partitions} on ${size}: ${sizes.join()}`)
    }
  t.deepEqual(uneven, [])
  const more = crew(20)
  t.deepEqual(
    sizesOf(ownersOf(16, more), more).toSorted((a, b) => a - b),
    [...Array(4).fill(0), ...Array(16).fill(1)],
  )
  t.deepEqual(ownersOf(16, []), [])
})

test('the order in which workers are seen does not matter', t => {
  fc.assert(
    fc.property(
      fc.uniqueArray(worker, { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 64 }),
      (workers, count) => {
        t.deepEqual(ownersOf(count, workers), ownersOf(count, workers.toReversed()))
      },
    ),
    { numRuns: 50 },
  )
})

test('a worker that joins or leaves moves little more than its own share', t => {
  let moved = 0
  let needed = 0
  for (let seed = 0; seed < 20; seed += 1)
    for (const partitions of [16, 64])
      for (let size = 1; size < 9; size += 1) {
        const [before, after] = [ownersOf(partitions, crew(size, seed)), ownersOf(partitions, crew(size + 1, seed))]
        moved += before.filter((owner, partition) => owner !== after[partition]).length
        needed += Math.floor(partitions / (size + 1))
      }
  t.true(moved < needed * 1.7, `${moved} moved, ${needed} needed`)
  t.log(`${moved} moved, ${needed} needed`)
})

test('beside a worker of the release before, all share as it does', t => {
  const mixed = ['01KE4W2V8Y0', `01KE4W2V8Y1${evenSharesMark}`, `01KE4W2V8Y2${evenSharesMark}`]
  t.deepEqual(
    ownersOf(32, mixed),
    Array.from({ length: 32 }, (_, partition) => ownerOf(partition, mixed)),
  )
})

test('a worker of one version and a worker of the next compute the same owners', t => {
  const workers = crew(4)
  t.is(
    ownersOf(16, workers)
      .map(owner => workers.indexOf(owner))
      .join(''),
    '3130213202103012',
  )
})
