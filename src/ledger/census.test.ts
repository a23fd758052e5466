import test from 'ava'
import { takeLedger } from '../../test/support/databases.ts'
import type { DeliveryDocument } from './delivery-document.ts'

const row = (number: number, status: string, reason?: string) => ({
  _id: `evt_${number}.sub_1`,
  tenant: 'acme',
  partition: 1,
  subscriptionId: 'sub_1',
  eventId: `evt_${number}`,
  visitId: 'visit-1',
  type: 'visit.checked_in',
  status,
  ...(reason === undefined ? {} : { reason }),
  attempts: [],
  createdAt: 1_000 + number,
  revision: 1,
  ...(status === 'held' || status === 'pending' ? { open: true } : {}),
})

const index = { open: 1, status: 1, reason: 1, createdAt: 1 } as const

test('waiting rows are counted by status and reason, with the oldest of each, from the index alone', async t => {
  const ledger = await takeLedger(t)
  t.deepEqual((await ledger.census()).waiting, [])
  const deliveries = ledger.db.collection<DeliveryDocument>('deliveries')
  const rows = [
    row(1, 'delivered'),
    row(2, 'pending'),
    row(3, 'pending'),
    row(4, 'pending', 'own_fault'),
    row(5, 'held', 'paused'),
    row(6, 'held', 'circuit_open'),
    row(7, 'held', 'circuit_open'),
    row(8, 'dead', 'exhausted'),
  ]
  await deliveries.insertMany(rows as unknown as DeliveryDocument[])
  const { waiting, rows: all, circuits, erasures } = await ledger.census()
  t.deepEqual(waiting, [
    { status: 'held', reason: 'circuit_open', count: 2, oldestAt: 1_006 },
    { status: 'held', reason: 'paused', count: 1, oldestAt: 1_005 },
    { status: 'pending', reason: undefined, count: 2, oldestAt: 1_002 },
    { status: 'pending', reason: 'own_fault', count: 1, oldestAt: 1_004 },
  ])
  t.is(all, 8)
  t.deepEqual(circuits, { open: 0, 'half-open': 0 })
  t.deepEqual(erasures, { running: 0, oldestAt: null })

  const counting = [{ $match: { open: true, status: 'held', reason: 'circuit_open' } }, { $count: 'count' }]
  const plan = await deliveries.aggregate(counting, { hint: index }).explain('executionStats')
  const examined = [...JSON.stringify(plan).matchAll(/"totalDocsExamined":(\d+)/g)].map(([, count]) => Number(count))
  t.true(examined.length > 0)
  t.true(examined.every(count => count === 0))
})
