import test from 'ava'
import fc from 'fast-check'
import { ownerOf } from './rendezvous.ts'

const partitions = Array.from({ length: 64 }, (_, partition) => partition)
const worker = fc.string({ minLength: 1, maxLength: 26 })

test('a worker that joins or leaves moves only its own share', t => {
  fc.assert(
    fc.property(fc.uniqueArray(worker, { minLength: 2, maxLength: 9 }), workers => {
      const [joining = '', ...before] = workers
      return partitions.every(partition => {
        const owner = ownerOf(partition, workers)
        return owner === joining || owner === ownerOf(partition, before)
      })
    }),
  )
  t.pass()
})

test('the order in which workers are seen does not matter', t => {
  fc.assert(
    fc.property(fc.uniqueArray(worker, { minLength: 1, maxLength: 9 }), workers =>
      partitions.every(partition => ownerOf(partition, workers) === ownerOf(partition, workers.toReversed())),
    ),
  )
  t.pass()
})

test('two workers with the same score see the same owner', t => {
  const same = ['worker-1232789', 'worker-1429192'] as const
  t.is(ownerOf(0, same), same[1])
  t.is(ownerOf(0, same.toReversed()), same[1])
})

test('a worker of one version and a worker of the next compute the same owners', t => {
  const owners = Array.from({ length: 32 }, (_, partition) => workers.indexOf(ownerOf(partition, workers) ?? ''))
  t.is(owners.join(''), '22233032002120203333221111302302')
})

const workers = ['01KE4W2V8Y0', '01KE4W2V8Y1', '01KE4W2V8Y2', '01KE4W2V8Y3']

test('the shares are about equal', t => {
  const all = Array.from({ length: 4_000 }, (_, partition) => ownerOf(partition, workers))
  for (const each of workers) {
    const share = all.filter(owner => owner === each).length
    t.true(share > 850 && share < 1_150, `${each}: ${share} of 4,000`)
  }
  t.is(ownerOf(1, []), null)
})
