import test from 'ava'
import { documentedTable } from '../../test/support/documented-table.ts'
import { keptAttempts } from './delivery.ts'
import { limits } from './limits.ts'

const units: Readonly<Record<string, number>> = { KiB: 1024, minutes: 60_000 }

test('the limits are those that operations.md lists', t => {
  const documented = documentedTable('docs/operations.md', 'Limits').map(([name, value = '']) => {
    const [number, unit = ''] = value.split(' ')
    return [name, Number(number) * (units[unit] ?? 1)]
  })
  t.deepEqual(documented, [
    ['an event', limits.eventBytes],
    ['events in a batch', limits.batchEvents],
    ["an event's `timestamp` ahead of Doorbell's clock", limits.clockSkewMs],
    ['subscriptions of a tenant', limits.subscriptionsPerTenant],
    ["an endpoint's answer", limits.responseBytes],
    ['attempts that a delivery keeps', keptAttempts],
  ])
})
