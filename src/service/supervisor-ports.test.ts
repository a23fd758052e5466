import { mock } from 'node:test'
import test from 'ava'
import { systemClock } from '../../actors/kit/clock.ts'
import { fakeParts } from '../../test/support/fake-parts.ts'
import { aDelivery, aSubscription } from '../../test/support/supervised-values.ts'
import { settled } from '../../test/support/virtual-time.ts'
import { supervisorPorts } from './supervisor-ports.ts'

const now = 1_800_000_000_000
test.serial.beforeEach(() => mock.timers.enable({ apis: ['Date'], now }))
test.serial.afterEach.always(() => mock.timers.reset())

test.serial(
  'a pull reports when the next row is due, so that a retry comes within its delay and not with the sweep',
  async t => {
    const rows = [aDelivery(1), aDelivery(2)]
    const { ports, of, inOrder } = withAnswers({
      'ledger.deliveries.due': async () => {
        mock.timers.tick(50)
        return rows
      },
      'ledger.deliveries.nextDueAt': async () => now + 700,
    })
    t.deepEqual(await inOrder(() => ports.due('sub_1', 3)), { rows, nextDueAt: now + 700 })
    t.deepEqual(of('ledger.deliveries.due'), [['sub_1', now, 3]])
    t.deepEqual(of('ledger.deliveries.nextDueAt'), [['sub_1', now]], 'after the rows that were due at the same moment')
  },
)

test.serial('a pull that got as many rows as it asked for is followed by another at once', async t => {
  const { ports, of } = withAnswers({ 'ledger.deliveries.due': async () => [aDelivery(1), aDelivery(2)] })
  t.is((await ports.due('sub_1', 2)).nextDueAt, now)
  t.deepEqual(of('ledger.deliveries.nextDueAt'), [])
})

test.serial(
  'a supervisor starts with the endpoint’s health, and with the open visits if it keeps their order',
  async t => {
    const { ports, of } = withAnswers({
      'ledger.health.get': async (id: string) => `health of ${id}`,
      'ledger.visitOrder.openVisits': async (id: string) => `visits of ${id}`,
    })
    t.deepEqual(await ports.stored(aSubscription()), { health: 'health of sub_1', visits: null } as never)
    t.deepEqual(of('ledger.visitOrder.openVisits'), [])
    const visits = { health: 'health of sub_1', visits: 'visits of sub_1' }
    t.deepEqual(await ports.stored(aSubscription({ ordering: 'visit' })), visits as never)
  },
)

test.serial('the rows of a deleted subscription are cancelled before its health is forgotten', async t => {
  const { ports, calls, inOrder } = withAnswers()
  await inOrder(() => ports.cancelAll('sub_1'))
  t.deepEqual(calls, [
    ['ledger.subscriptions.isStored', 'sub_1'],
    ['ledger.deliveries.cancelAll', 'sub_1', 'subscription_deleted', now],
    ['ledger.health.forget', 'sub_1'],
  ])
})

test.serial('the rows of a subscription that this process has not heard of yet are not cancelled', async t => {
  const { ports, calls } = withAnswers({ 'ledger.subscriptions.isStored': async (id: string) => id === 'sub_1' })
  await ports.cancelAll('sub_1')
  t.deepEqual(calls, [['ledger.subscriptions.isStored', 'sub_1']])
})

test.serial('nothing is pulled before the directory is fresh', async t => {
  const fresh = Promise.withResolvers<void>()
  const { ports, of } = withAnswers({
    'directory.untilFresh': () => fresh.promise,
    'ledger.deliveries.due': async () => [],
    'ledger.deliveries.nextDueAt': async () => null,
  })
  const pulled = ports.due('sub_1', 3)
  await settled()
  t.deepEqual(of('ledger.deliveries.due'), [])
  fresh.resolve()
  t.deepEqual(await pulled, { rows: [], nextDueAt: null })
})

test.serial('a supervisor’s other ports are those of the service', async t => {
  const { ports, pathOf, calls } = withAnswers({
    'ledger.deliveries.insert': async (row: unknown) => row,
    'directory.ofTenant': () => [],
  })
  t.deepEqual([ports.attempt, ports.nextOfVisit, ports.openVisits, ports.byId, ports.patience].map(pathOf), [
    'send',
    'ledger.visitOrder.next',
    'ledger.visitOrder.openVisits',
    'directory.byId',
    'patience',
  ])
  t.is(ports.clock, systemClock)
  t.is(ports.now(), now)
  mock.timers.tick(1)
  t.is(ports.now(), now + 1)
  await ports.record(aDelivery(1), false)
  await ports.remember({ type: 'remember', health: 'health' as never, transition: null, traceparent: null })
  await ports.announce({
    type: 'webhook.subscription.failing',
    tenant: 'acme',
    subscriptionId: 'sub_1',
    key: 'k',
    at: 0,
    data: {},
  })
  await ports.disable('sub_1', { type: 'disable', reason: 'gone', at: 0, traceparent: '' })
  t.deepEqual(
    calls.map(([path]) => path),
    [
      'ledger.deliveries.insert',
      'ledger.health.put',
      'directory.ofTenant',
      'directory.byId',
      'ledger.audit.begin',
      'ledger.subscriptions.disable',
      'ledger.audit.forget',
    ],
  )
})

test.serial('a supervisor that failed is logged with its subscription and what follows', t => {
  const { ports, lines } = withAnswers()
  const fault = new Error('a defect')
  ports.onFault('sub_1', fault, 'restart')
  const remedy = 'a defect: report it with this line'
  t.deepEqual(lines, [
    ['error', { err: fault, subscriptionId: 'sub_1', directive: 'restart', remedy }, 'a supervisor failed'],
  ])
})

const withAnswers = (answers: Readonly<Record<string, unknown>> = {}) => {
  const fake = fakeParts(answers)
  return { ...fake, ports: supervisorPorts(fake.ports) }
}
