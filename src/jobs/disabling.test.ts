import test from 'ava'
import { decodeTime } from 'ulid'
import { fakePorts } from '../../test/support/fake-ports.ts'
import type { AuditEntry } from '../domain/audit.ts'
import { disable, type DisablingParts } from './disabling.ts'

const order = {
  type: 'disable',
  reason: 'failed for five days',
  at: 1_800_000_000_000,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
} as const

/** Disables a subscription that is active, or is not any more. */
const disabled = async (
  isActive: boolean,
  { tenant = 'acme', traceparent = order.traceparent }: { tenant?: string; traceparent?: string } = {},
) => {
  const fake = fakePorts<DisablingParts>({
    'directory.byId': (id: string) => (tenant === '' || id !== 'sub_1' ? undefined : { tenant }),
    'ledger.subscriptions.disable': async () => isActive,
  })
  await fake.inOrder(() => disable(fake.ports)('sub_1', { ...order, traceparent }))
  const entry = fake.calls.find(([path]) => path === 'ledger.audit.begin')?.[1] as AuditEntry
  return { ...fake, entry, calls: fake.calls.filter(([path]) => path.startsWith('ledger')) }
}

test('a subscription that fails for too long is disabled with an audit entry before the change, a count and a line for the operator', async t => {
  const { calls, entry, lines, counts } = await disabled(true)
  t.regex(entry.id, /^aud_[0-9A-Z]{26}$/)
  const begun = {
    id: entry.id,
    tenant: 'acme',
    at: order.at,
    actor: { kind: 'system', id: 'doorbell' },
    action: 'disableSubscription',
    resource: { kind: 'subscription', id: 'sub_1' },
    outcome: 'begun',
    traceId: '0af7651916cd43dd8448eb211c80319c',
  }
  const after = { status: 'disabled', statusReason: order.reason }
  t.deepEqual(calls, [
    ['ledger.audit.begin', begun],
    ['ledger.subscriptions.disable', 'sub_1', order.reason, order.at],
    ['ledger.audit.end', { ...begun, before: { status: 'active' }, after, outcome: 'done' }],
  ])
  t.is(decodeTime(entry.id.slice('aud_'.length)), order.at, 'entries sort by time')
  t.deepEqual(counts, [['disabled']])
  const remedy = 'the tenant must fix the endpoint and resume the subscription'
  t.deepEqual(lines, [['warn', { subscriptionId: 'sub_1', reason: order.reason, remedy }, 'subscription disabled']])
})

test('a subscription that is not active any more stays as it is: no entry, no count, no line', async t => {
  const { calls, entry, lines, counts } = await disabled(false)
  t.deepEqual(calls.slice(1), [
    ['ledger.subscriptions.disable', 'sub_1', order.reason, order.at],
    ['ledger.audit.forget', entry.id],
  ])
  t.deepEqual([lines, counts], [[], []])
})

test('the entry of a subscription that is deleted at this moment names no tenant, and one without a trace names none', async t => {
  t.like((await disabled(true, { tenant: '', traceparent: '' })).entry, { tenant: null, traceId: null })
})
