import test from 'ava'
import type { Document } from 'mongodb'
import { takeLedger } from '../../test/support/databases.ts'
import { newTenant, now } from '../../test/support/ledger.ts'
import type { Delivery } from '../domain/delivery.ts'
import { newErasure } from '../domain/erasure.ts'
import type { CircuitPhase } from '../domain/health.ts'
import { createCensus } from './census.ts'
import { type DeliveryDocument, toDocument } from './delivery-document.ts'
import type { ErasureDocument } from './erasures.ts'
import type { HealthDocument } from './health.ts'
import { noObserver } from './observer.ts'

const index = { open: 1, status: 1, reason: 1, createdAt: 1 } as const

test('what waits in the whole fleet is counted by status and reason, with the oldest of each; and all rows, open circuits and running erasures', async t => {
  const ledger = await takeLedger(t, { observer: { ...noObserver } })
  const empty = { rows: 0, waiting: [], circuits: { open: 0, 'half-open': 0 } }
  t.deepEqual(await ledger.census(), { ...empty, erasures: { running: 0, oldestAt: null } })

  const { row, tenant } = newTenant()
  const waiting = (n: number, status: Delivery['status'], reason?: Delivery['reason']) =>
    row(`evt-${n}`, { status, createdAt: 1_000 + n, ...(reason === undefined ? {} : { reason }) })
  const rows = [
    waiting(1, 'delivered'),
    waiting(2, 'pending'),
    waiting(3, 'pending'),
    waiting(4, 'pending', 'own_fault'),
    waiting(7, 'held', 'circuit_open'),
    waiting(6, 'held', 'circuit_open'),
    waiting(5, 'held', 'paused'),
    waiting(8, 'dead', 'exhausted'),
  ]
  await ledger.db.collection<DeliveryDocument>('deliveries').insertMany(rows.map(toDocument))
  const phases: CircuitPhase[] = ['open', 'open', 'half-open', 'half-open', 'half-open', 'closed']
  for (const [n, phase] of phases.entries()) {
    const circuit = { phase, since: 1, until: null, times: 1, reason: null }
    await ledger.health.put({ subscriptionId: `sub_${n}`, circuit, failingSince: 1, notices: 0, gone: 0, updatedAt: 1 })
  }
  const erasures = [now, now - 5, now - 9].map((at, n) => newErasure(`ers_${n}`, tenant, `visitor-${n}`, at))
  for (const each of erasures) await ledger.erasures.begin(each)
  await ledger.erasures.finish(erasures[2] ?? newErasure('', '', '', 0), now)

  const commands: Document[] = []
  ledger.db.client.on('commandStarted', ({ command }) => commands.push(command))
  t.deepEqual(await ledger.census(), {
    rows: 8,
    waiting: [
      { status: 'held', reason: 'circuit_open', count: 2, oldestAt: 1_006 },
      { status: 'held', reason: 'paused', count: 1, oldestAt: 1_005 },
      { status: 'pending', reason: undefined, count: 2, oldestAt: 1_002 },
      { status: 'pending', reason: 'own_fault', count: 1, oldestAt: 1_004 },
    ],
    circuits: { open: 2, 'half-open': 3 },
    erasures: { running: 2, oldestAt: now - 5 },
  })

  // Each question is answered by the index alone, and none counts without end.
  const ofRows = commands.filter(({ find, aggregate }) => find === 'deliveries' || aggregate === 'deliveries')
  t.is(ofRows.length, 6 + 4)
  for (const command of ofRows) t.deepEqual({ ...command['hint'] }, index)
  const finds = ofRows.filter(({ find }) => find !== undefined)
  for (const { projection } of finds) t.deepEqual(projection, { _id: 0, reason: 1, createdAt: 1 })
  for (const { sort } of finds) t.deepEqual(Object.fromEntries(sort), index)
  const limits = ofRows.flatMap(({ pipeline = [] }) => (pipeline as Document[]).flatMap(stage => stage['$limit'] ?? []))
  t.deepEqual(limits, [1_000_000, 1_000_000, 1_000_000, 1_000_000])
  const counting = [{ $match: { open: true, status: 'held', reason: 'circuit_open' } }, { $count: 'count' }]
  const plan = await ledger.db.collection('deliveries').aggregate(counting, { hint: index }).explain('executionStats')
  const examined = [...JSON.stringify(plan).matchAll(/"totalDocsExamined":(\d+)/g)].map(([, count]) => Number(count))
  t.true(examined.length > 0)
  t.true(examined.every(count => count === 0))
})

test('a census of a ledger that is away fails, so that its metrics have no value instead of an old one', async t => {
  const ledger = await takeLedger(t)
  const { db } = ledger
  const census = createCensus({
    deliveries: db.collection<DeliveryDocument>('deliveries'),
    health: db.collection<HealthDocument>('health'),
    erasures: db.collection<ErasureDocument>('erasures'),
  })
  t.is((await census()).rows, 0)
  await ledger.close()
  await t.throwsAsync(census(), { name: 'Failure' })
})
