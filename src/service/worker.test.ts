import { mock } from 'node:test'
import test from 'ava'
import { NEVER, Subject } from 'rxjs'
import { allThere, fakeParts } from '../../test/support/fake-parts.ts'
import { aSubscription } from '../../test/support/supervised-values.ts'
import { partitionOf } from '../domain/partition.ts'
import type { VisitMessage } from '../domain/visit-message.ts'
import { startWorker } from './worker.ts'

const now = 1_800_000_000_000
test.serial.beforeEach(() => mock.timers.enable({ apis: ['Date', 'setInterval'], now }))
test.serial.afterEach.always(() => mock.timers.reset())
const settled = async () => {
  for (let turn = 0; turn < 60; turn += 1) {
    mock.timers.tick(0)
    await new Promise(resolve => setImmediate(resolve))
  }
}
/** Lets time pass in steps, so that leases are renewed. */
const pass = async (ms: number) => {
  for (let left = ms; left > 0; left -= 1_000) {
    mock.timers.tick(Math.min(left, 1_000))
    for (let turn = 0; turn < 3; turn += 1) await new Promise(resolve => setImmediate(resolve))
  }
}
const mine = partitionOf('acme', 2)

/** A worker that gets acme's partition only, as another worker holds the others. */
const started = async (
  answers: Readonly<Record<string, unknown>> = {},
  { taken = Promise.resolve(), stopped = Promise.resolve() } = {},
) => {
  let worker = ''
  const steps: string[] = []
  const wakes$ = new Subject<string>()
  const messages$ = new Subject<VisitMessage>()
  const stop = async () => {
    steps.push('feed stops')
    await stopped
    messages$.complete()
  }
  const subscription = aSubscription()
  const fake = fakeParts(
    {
      'streams.leases': async () => ({
        beat: async (name: string) => void (worker = name),
        workers: async () => [worker],
        take: async (partition: number) => {
          await taken
          return partition === mine ? { partition, revision: 1 } : null
        },
        renew: async (lease: object) => lease,
        release: async () => void steps.push('lease released'),
        leave: async () => void steps.push('fleet left'),
        changes$: NEVER,
      }),
      'streams.feed': () => ({ messages$, nothingInHand: new Promise(() => undefined), stop }),
      'streams.wakes$': wakes$,
      'directory.changes$': NEVER,
      'directory.byId': (id: string) => (id === 'sub_1' ? subscription : undefined),
      'directory.ofTenant': () => [],
      'directory.all': () => [],
      'reader.message': () => ({ id: 'evt-1', tenant: 'acme', type: 'visit.checked_in', visitId: 'visit-1', data: {} }),
      'ledger.health.get': async () => null,
      'ledger.deliveries.due': async () => [],
      'ledger.deliveries.nextDueAt': async () => null,
      'ledger.deliveries.backlogged': async () => [],
      'ledger.replays.running': async () => [],
      'ledger.erasures.running': async () => [],
      'ledger.retention.list': async () => [],
      'ledger.retention.get': async () => null,
      'ledger.aside.tenants': async () => [],
      'ledger.unmatched.keep': () => new Promise(() => undefined),
      ...answers,
    },
    { partitions: 2 },
  )
  const starting = startWorker(fake.ports, allThere)
  starting.catch(() => undefined)
  await settled()
  const count = (path: string) => fake.of(path).length
  return { ...fake, starting, wakes$, messages$, steps, count }
}
const jobsOf = (count: (path: string) => number) =>
  ['ledger.replays.running', 'ledger.erasures.running', 'ledger.retention.list'].map(count)

test.serial('a worker that has started looks at once for replays, erasures and what was kept long enough', async t => {
  const { starting, count } = await started()
  const worker = await starting
  t.deepEqual(worker.partitions(), [mine])
  // Once when its partition was opened, and once when the worker was ready.
  t.deepEqual(jobsOf(count), [2, 2, 1])
  mock.timers.tick(3_000)
  t.is(worker.retentionAgeMs(), 3_000)
})

test.serial(
  'a signal wakes the job or the subscription that it names, and retention only at its tenant’s worker',
  async t => {
    const { starting, wakes$, count, of } = await started()
    const worker = await starting
    const before = jobsOf(count)
    const more = () => jobsOf(count).map((now_, index) => now_ - (before[index] ?? 0))
    wakes$.next('rpl_1')
    await settled()
    t.deepEqual(more(), [1, 0, 0])
    wakes$.next('era_1')
    await settled()
    t.deepEqual(more(), [1, 1, 0])
    wakes$.next('ret_globex')
    wakes$.next('ret_acme')
    await settled()
    t.deepEqual([more(), of('ledger.retention.get')], [[1, 1, 0], [['acme']]])
    t.deepEqual(worker.supervised(), [])
    wakes$.next('sub_1')
    await settled()
    t.deepEqual(
      of('ledger.deliveries.due').map(([id]) => id),
      ['sub_1'],
    )
    t.deepEqual(
      worker.supervised().map(({ id }) => id),
      ['sub_1'],
    )
  },
)

test.serial('the watch makes a round every 30 s, and retention every hour', async t => {
  const { starting, count } = await started()
  await starting
  t.is(count('streams.assertPartitions'), 1)
  await pass(29_999)
  t.is(count('streams.assertPartitions'), 1)
  mock.timers.tick(1)
  await settled()
  t.deepEqual([count('streams.assertPartitions'), ...jobsOf(count)], [2, 3, 3, 1])
  await pass(60 * 60_000 - 30_001)
  t.is(count('ledger.retention.list'), 1)
  mock.timers.tick(1)
  await settled()
  t.is(count('ledger.retention.list'), 2)
})

test.serial('the gauges see the messages that are open and those in mailboxes', async t => {
  const { starting, messages$ } = await started()
  const worker = await starting
  for (const sequence of [1, 2])
    messages$.next({
      tenant: 'acme',
      type: 'visit.checked_in',
      sequence,
      text: () => '',
      traceparent: null,
    } as VisitMessage)
  t.deepEqual([worker.openMessages(), worker.mailboxDepth()], [2, 0])
})

test.serial('a drain hears no more signals, makes no more rounds, and gives up its partitions', async t => {
  const { starting, wakes$, steps, calls } = await started()
  const worker = await starting
  const draining = worker.drain()
  await settled()
  await draining
  t.deepEqual(steps, ['fleet left', 'feed stops', 'lease released'])
  t.deepEqual(worker.partitions(), [])
  const before = calls.length
  wakes$.next('rpl_1')
  mock.timers.tick(2 * 60 * 60_000)
  await settled()
  t.is(calls.length, before)
  t.false(wakes$.observed)
})

test.serial('a worker has started once every partition was tried', async t => {
  const { promise: taken, resolve } = Promise.withResolvers<void>()
  const { starting, count } = await started({}, { taken })
  let isReady = false
  void starting.then(() => (isReady = true))
  await settled()
  t.deepEqual([isReady, jobsOf(count)], [false, [0, 0, 0]])
  resolve()
  await settled()
  t.true(isReady)
})

test.serial('a drain ends replays before it waits for deliveries', async t => {
  const { promise: stopped, resolve } = Promise.withResolvers<void>()
  // Its next batch is opened 30 s before it is due.
  const replay = {
    id: 'rpl_1',
    tenant: 'acme',
    selection: 'all',
    perSecond: 1,
    opened: 40,
    state: 'running',
    createdAt: now,
  }
  const answers = { 'ledger.replays.running': async () => [replay], 'ledger.replays.next': async () => [] }
  const { starting, count } = await started(answers, { stopped })
  const worker = await starting
  const draining = worker.drain()
  await settled()
  await pass(11_000)
  t.is(count('ledger.replays.next'), 0)
  resolve()
  await settled()
  await draining
})

test.serial('a worker that cannot join leaves no timer and no subscription behind', async t => {
  const { starting, wakes$, calls } = await started({ 'streams.leases': () => Promise.reject(new Error('away')) })
  await t.throwsAsync(starting, { message: 'away' })
  mock.timers.tick(2 * 60 * 60_000)
  await settled()
  t.is(calls.length, 1)
  t.false(wakes$.observed)
})
