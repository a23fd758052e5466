import { mock } from 'node:test'
import test from 'ava'
import { fakeParts } from '../../test/support/fake-parts.ts'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { aSubscription } from '../../test/support/supervised-values.ts'
import { Failure } from '../domain/failure.ts'
import { partitionOf } from '../domain/partition.ts'
import type { Jobs } from './jobs.ts'
import { createOwnedPartitions } from './owned-partitions.ts'
import { createWatch, watchEveryMs } from './watch.ts'

const now = 1_800_000_000_000
test.serial.before(() => mock.timers.enable({ apis: ['Date'], now }))
test.serial.after.always(() => mock.timers.reset())
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve))
}
const partitions = 16
const [acme, globex] = [partitionOf('acme', partitions), partitionOf('globex', partitions)]
const subscriptions = [
  aSubscription({ id: 'sub_1', expiresAfterMs: 5_000 }),
  aSubscription({ id: 'sub_2' }),
  aSubscription({ id: 'sub_3', tenant: 'globex', expiresAfterMs: 5_000 }),
]

/** The watch of a process that works on acme's partition, and not on globex's. */
const watchOf = (answers: Readonly<Record<string, unknown>> = {}) => {
  const fake = fakeParts(
    {
      'directory.all': () => subscriptions,
      'directory.byId': (id: string) => subscriptions.find(each => each.id === id),
      'ledger.health.withOpenCircuit': async () => ['sub_1', 'sub_3', 'sub_deleted'],
      'ledger.deliveries.backlogged': async () => ['sub_1', 'sub_2', 'sub_3', 'sub_deleted'],
      'patience.onWait': () => undefined,
      'jobs.lookForReplays': async () => undefined,
      ...answers,
    },
    { partitions },
  )
  const owned = createOwnedPartitions(partitions)
  let dismissed = 0
  const circuits: string[] = []
  const supervisors = { dismissIdle: () => (dismissed += 1), wake: (id: string) => circuits.push(id) }
  owned.add(acme, { supervisors } as never)
  const jobs = fakePorts<Jobs>()
  const woken: string[] = []
  const watch = createWatch(fake.ports, owned, id => woken.push(id), jobs.ports)
  const dones = () => [...fake.calls, ...jobs.calls].map(([path]) => path)
  return { ...fake, watch, woken, circuits, jobs, dones, dismissed: () => dismissed }
}

test.serial(
  'a round expires what waits too long, wakes what has open rows, and looks for replays and erasures, one after the other',
  async t => {
    const { watch, woken, circuits, of, jobs, inOrder, dismissed } = watchOf()
    await inOrder(() => jobs.inOrder(() => watch.round()))
    t.deepEqual(of('streams.assertPartitions'), [[partitions]])
    t.is(dismissed(), 1)
    t.deepEqual(of('ledger.deliveries.expire'), [['sub_1', now - 5_000, now]], 'of this process, with an expiry')
    t.deepEqual(woken, ['sub_1', 'sub_2', 'sub_deleted'], 'of this process, or of an unknown tenant')
    t.deepEqual(circuits, ['sub_1'], 'a circuit that is not closed, of this process')
    t.deepEqual(jobs.calls, [['lookForReplays'], ['lookForErasures']])
    t.not(acme, globex)
  },
)

test.serial('each step of a round is made, whatever becomes of the others', async t => {
  const away = new Error('away')
  const fail = () => Promise.reject(away)
  const { watch, woken, of, jobs, dismissed } = watchOf({
    'streams.assertPartitions': fail,
    'ledger.deliveries.expire': fail,
    'ledger.deliveries.backlogged': fail,
    'ledger.health.withOpenCircuit': fail,
  })
  await watch.round()
  t.deepEqual(of('patience.onWait'), [
    [away, watchEveryMs],
    [away, watchEveryMs],
    [away, watchEveryMs],
    [away, watchEveryMs],
  ])
  t.deepEqual([woken, dismissed(), jobs.calls.length], [[], 1, 2])
})

test.serial(
  'a partition that was just opened gets what its previous owner left: open rows, replays and erasures',
  async t => {
    const { watch, woken, jobs, of } = watchOf()
    watch.opened(globex)
    await settled()
    t.deepEqual(woken, ['sub_3', 'sub_deleted'], 'of that partition only')
    t.deepEqual(jobs.calls, [['lookForReplays'], ['lookForErasures']])
    t.deepEqual(of('ledger.deliveries.expire'), [])
  },
)

test.serial('an opened partition whose rows cannot be read is reported, and the next round finds them', async t => {
  const away = new Error('away')
  const { watch, of } = watchOf({ 'ledger.deliveries.backlogged': () => Promise.reject(away) })
  watch.opened(acme)
  await settled()
  t.deepEqual(of('patience.onWait'), [[away, watchEveryMs]])
})

test.serial(
  'a worker that was suspended while the number of partitions changed stops, and any other error is waited out',
  async t => {
    const kill = mock.method(process, 'kill', () => true)
    t.teardown(() => kill.mock.restore())
    const changed = new Failure('invalid_settings', 'set DOORBELL_PARTITIONS=4')
    const { watch, lines } = watchOf({ 'streams.assertPartitions': () => Promise.reject(changed) })
    await watch.round()
    const line = { err: changed, remedy: 'set DOORBELL_PARTITIONS=4' }
    t.deepEqual(lines, [['error', line, 'the number of partitions changed: the process stops']])
    t.deepEqual(
      kill.mock.calls.map(call => call.arguments),
      [[process.pid, 'SIGTERM']],
    )
    t.is(process.exitCode, 1)
    process.exitCode = undefined
    const { watch: other } = watchOf({
      'streams.assertPartitions': () => Promise.reject(new Failure('streams_unavailable', '')),
    })
    await other.round()
    t.is(kill.mock.callCount(), 1)
  },
)

test('the watch looks twice a minute for what a lost signal left behind', t => {
  t.is(watchEveryMs, 30_000)
})
