import test from 'ava'
import { aSubscription } from '../../test/support/supervised-values.ts'
import { partitionOf } from '../domain/partition.ts'
import { createOwnedPartitions } from './owned-partitions.ts'
import { createTested, createWake, dispatch, isTokenSignal, retentionSignal, testedSignal } from './wake-ups.ts'

test('a wake-up signal reaches the job of its kind alone, and one for the API reaches none', t => {
  const heard: string[] = []
  const wake = dispatch({
    replay: () => heard.push('replay'),
    erasure: () => heard.push('erasure'),
    retention: tenant => heard.push(`retention of ${tenant}`),
    tested: id => heard.push(`test of ${id}`),
    subscription: id => heard.push(`subscription ${id}`),
  })
  for (const id of ['rpl_1', 'era_1', retentionSignal('acme'), 'tok_1', testedSignal('sub_2'), 'sub_1']) wake(id)
  t.deepEqual(heard, ['replay', 'erasure', 'retention of acme', 'test of sub_2', 'subscription sub_1'])
})

test('only the signal of a revoked token is one, and a tenant’s retention has a signal of its own', t => {
  t.deepEqual(['tok_1', 'sub_1', 'rpl_1'].map(isTokenSignal), [true, false, false])
  t.is(retentionSignal('acme'), 'ret_acme')
})

test('a subscription is woken at the partition of its tenant while it is active, and a deleted one at any partition', t => {
  const [partitions, woken] = [16, [] as string[]]
  const owned = createOwnedPartitions(partitions)
  for (const number of [partitionOf('globex', partitions), partitionOf('acme', partitions)])
    owned.add(number, { supervisors: { wake: (id: string) => woken.push(`${id} at ${number}`) } } as never)
  const subscriptions = [
    aSubscription({ id: 'sub_1' }),
    aSubscription({ id: 'sub_2', status: 'paused' }),
    aSubscription({ id: 'sub_3', tenant: 'initech' }),
  ]
  const wake = createWake({ byId: id => subscriptions.find(each => each.id === id) }, owned)
  for (const id of ['sub_1', 'sub_2', 'sub_3', 'sub_deleted']) wake(id)
  t.not(partitionOf('acme', partitions), partitionOf('globex', partitions))
  t.deepEqual(woken, [
    `sub_1 at ${partitionOf('acme', partitions)}`,
    `sub_deleted at ${partitionOf('globex', partitions)}`,
  ])
  t.notThrows(() => createWake({ byId: () => undefined }, createOwnedPartitions(partitions))('sub_1'))
})

test('a successful test reaches the supervisor at the partition of its tenant, also while the subscription is paused', t => {
  const owned = createOwnedPartitions(16)
  const heard: string[] = []
  const supervisors = { tested: (id: string) => heard.push(id) }
  owned.add(partitionOf('acme', 16), { supervisors } as never)
  const subscriptions = [
    aSubscription({ id: 'sub_1' }),
    aSubscription({ id: 'sub_2', status: 'paused' }),
    aSubscription({ id: 'sub_3', tenant: 'globex' }),
  ]
  const tested = createTested({ byId: id => subscriptions.find(each => each.id === id) }, owned)
  for (const id of ['sub_1', 'sub_2', 'sub_3', 'sub_deleted']) tested(id)
  t.deepEqual(heard, ['sub_1', 'sub_2'])
})
