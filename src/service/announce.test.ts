import { createHash } from 'node:crypto'
import test from 'ava'
import { fakeParts } from '../../test/support/fake-parts.ts'
import { aSubscription } from '../../test/support/supervised-values.ts'
import type { Announcement } from '../domain/operational.ts'
import { announce } from './announce.ts'

const announcement: Announcement = {
  type: 'webhook.subscription.failing',
  tenant: 'acme',
  subscriptionId: 'sub_2',
  key: 'sub_2.failing.1',
  at: 1_800_000_000_000,
  data: { subscriptionId: 'sub_2' },
}
const wanting = aSubscription({ eventTypes: ['webhook.subscription.failing'] })

const announced = async (change: Partial<Announcement>, subscriptions = [aSubscription(), wanting]) => {
  const fake = fakeParts({ 'directory.ofTenant': (tenant: string) => (tenant === 'acme' ? subscriptions : []) })
  await fake.inOrder(() => announce(fake.ports)({ ...announcement, ...change }))
  return { lines: fake.lines, accepted: fake.of('accept') }
}

test('an operational event is published with an id of its key, so that a repeated one is a duplicate', async t => {
  const { accepted, lines } = await announced({})
  const event = {
    id: `op_${createHash('sha256').update('sub_2.failing.1').digest('hex').slice(0, 40)}`,
    type: 'webhook.subscription.failing',
    timestamp: new Date(announcement.at).toISOString(),
    tenant: 'acme',
    visitId: 'sub_2',
    data: announcement.data,
  }
  t.deepEqual(accepted, [[event]])
  const ids = { tenant: 'acme', subscriptionId: 'sub_2', type: 'webhook.subscription.failing' }
  t.deepEqual(lines, [['info', ids, 'operational event for the tenant']])
  const { accepted: ofVisit } = await announced({ data: { visitId: 'visit-9' } })
  t.like(ofVisit[0]?.[0], { visitId: 'visit-9' })
})

test('an operational event that no subscription of its tenant wants is only logged', async t => {
  for (const [change, subscriptions] of [
    [{}, [aSubscription()]],
    [{ tenant: 'globex' }, undefined],
    [{ data: { subscriptionId: 'sub_1' } }, undefined],
  ] as const) {
    const { accepted, lines } = await announced(change, subscriptions === undefined ? undefined : [...subscriptions])
    t.deepEqual([accepted.length, lines.length], [0, 1])
  }
})
