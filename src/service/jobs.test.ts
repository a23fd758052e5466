import { mock } from 'node:test'
import test from 'ava'
import { fakeParts } from '../../test/support/fake-parts.ts'
import { newErasure } from '../domain/erasure.ts'
import { partitionOf } from '../domain/partition.ts'
import { dayMs } from '../domain/time.ts'
import { candidatePartsOf, createJobs } from './jobs.ts'
import { createOwnedPartitions } from './owned-partitions.ts'

const now = 1_800_000_000_000
test.serial.beforeEach(() => mock.timers.enable({ apis: ['Date', 'setInterval'], now }))
test.serial.afterEach.always(() => mock.timers.reset())
const settled = async () => {
  for (let turn = 0; turn < 100; turn += 1) {
    mock.timers.tick(0)
    await new Promise(resolve => setImmediate(resolve))
  }
}
const away = new Error('away')

/** The jobs of a process that works on acme's partition. */
const jobsOf = (answers: Readonly<Record<string, unknown>> = {}) => {
  const fake = fakeParts(
    {
      'ledger.replays.running': async () => [],
      'ledger.erasures.running': async () => [],
      'ledger.retention.list': async () => [],
      'ledger.aside.tenants': async () => [],
      'ledger.retention.get': async () => null,
      'patience.onWait': () => undefined,
      'patience.passes': () => false,
      ...answers,
    },
    { partitions: 8, payloadRetentionDays: 4, logRetentionDays: 9 },
  )
  const owned = createOwnedPartitions(8)
  owned.add(partitionOf('acme', 8), {} as never)
  const woken: string[] = []
  const jobs = createJobs(fake.ports, owned, id => woken.push(id), 123)
  return { ...fake, jobs, woken }
}

test.serial('a look for replays or erasures that fails is reported, and comes again with the next look', async t => {
  const { jobs, of, inOrder } = jobsOf({
    'ledger.replays.running': () => Promise.reject(away),
    'ledger.erasures.running': () => Promise.reject(away),
  })
  await inOrder(() => jobs.lookForReplays())
  await inOrder(() => jobs.lookForErasures())
  t.deepEqual(of('patience.onWait'), [
    [away, 123],
    [away, 123],
  ])
})

test.serial('a replay of this process’s tenant opens rows and wakes its subscription here', async t => {
  const replay = {
    id: 'rpl_1',
    tenant: 'acme',
    subscriptionId: 'sub_1',
    selection: 'all',
    perSecond: 9,
    state: 'running',
    opened: 0,
    createdAt: now,
  }
  const { jobs, of, woken } = jobsOf({
    'ledger.replays.running': async () => [replay, { ...replay, id: 'rpl_2', tenant: 'globex' }],
    'ledger.replays.next': async () => [{ id: 'row', createdAt: 5 }],
    'ledger.replays.open': async () => true,
    'ledger.replays.advance': async () => false,
    'ledger.subscriptions.get': async () => ({ payload: 'full' }),
    bodyOf: async () => 'body',
  })
  await jobs.lookForReplays()
  await settled()
  t.deepEqual(
    of('ledger.replays.open').map(([, id]) => id),
    ['rpl_1'],
  )
  t.deepEqual(woken, ['sub_1'])
})

test.serial(
  'an erasure passes retention of its tenant first, wakes subscriptions at every process, and its faults are reported',
  async t => {
    const erasure = { ...newErasure('era_1', 'acme', 'anna', now), boundary: 3 }
    const { jobs, of } = jobsOf({
      'ledger.erasures.running': async () => [erasure],
      'streams.isWorkedOn': async () => true,
      'streams.history': async () => [],
      'ledger.eraseRows.eventsAbout': async () => ['evt-1'],
      'ledger.eraseRows.eraseEvents': async () => ({ deliveries: 1, cancelled: 1, subscriptionIds: ['sub_1'] }),
      'ledger.erasures.finish': () => Promise.reject(away),
    })
    await jobs.lookForErasures()
    await settled()
    t.deepEqual(of('streams.isWorkedOn'), [[partitionOf('acme', 8), 3]])
    t.deepEqual(of('ledger.retention.get'), [['acme']])
    t.deepEqual(of('streams.wake'), [['sub_1']])
    t.deepEqual(of('patience.onWait'), [[away, 30_000]])
  },
)

test.serial(
  'retention of one tenant or of all follows the settings, and wakes subscriptions at every process',
  async t => {
    const { jobs, of } = jobsOf({
      'ledger.retention.get': async () => ({ tenant: 'acme', own: {}, contentRemovedTo: 0 }),
      'ledger.retention.removeContent': async () => ({ ended: new Map([['sub_1', 1]]), contents: 0, more: false }),
      'ledger.retention.removeRows': async () => ({ removed: 0, more: false }),
      'streams.purgeBefore': async () => 0,
    })
    jobs.retain('acme')
    await settled()
    t.deepEqual(of('streams.purgeBefore'), [['acme', partitionOf('acme', 8), now - 4 * dayMs]])
    t.deepEqual(of('ledger.unmatched.removeBefore'), [['acme', now - 9 * dayMs]])
    t.deepEqual(of('streams.wake'), [['sub_1']])
    t.deepEqual(of('ledger.retention.list'), [])
    jobs.retain()
    await settled()
    t.is(of('ledger.retention.list').length, 1)
  },
)

test.serial(
  'the age of retention is the time since a round of all tenants was finished, or since the start',
  async t => {
    let isAway = false
    const { jobs, of } = jobsOf({
      'ledger.retention.get': async () => null,
      'ledger.retention.list': async () => {
        if (isAway) throw away
        return []
      },
    })
    mock.timers.tick(5_000)
    t.is(jobs.retentionAgeMs(), 5_000)
    jobs.retain('acme')
    await settled()
    t.is(jobs.retentionAgeMs(), 5_000, 'one tenant is not all')
    jobs.retain()
    t.is(jobs.retentionAgeMs(), 5_000, 'not finished yet')
    await settled()
    t.is(jobs.retentionAgeMs(), 0)
    isAway = true
    mock.timers.tick(7_000)
    jobs.retain()
    await settled()
    t.is(jobs.retentionAgeMs(), 7_000)
    t.deepEqual(of('patience.onWait'), [[away, 60 * 60_000]], 'the next round comes in an hour')
  },
)

test.serial('a stop ends replays and erasures at their next step', async t => {
  const replay = {
    id: 'rpl_1',
    tenant: 'acme',
    subscriptionId: 'sub_1',
    selection: 'all',
    perSecond: 9,
    state: 'running',
    opened: 0,
    createdAt: now,
  }
  const { jobs, of } = jobsOf({
    'ledger.replays.running': async () => [replay],
    'ledger.replays.next': async () => [],
    'ledger.erasures.running': async () => [newErasure('era_1', 'acme', 'anna', now)],
    'streams.lastSequence': async () => 3,
  })
  await jobs.lookForReplays()
  await jobs.lookForErasures()
  jobs.stop()
  await settled()
  t.deepEqual([of('ledger.replays.next'), of('streams.isWorkedOn')], [[], []])
})

test.serial('the deliveries of a replay are found with the stores of the service', t => {
  const { ports, pathOf } = fakeParts({}, { partitions: 8 })
  const { partitions, ...rest } = candidatePartsOf(ports)
  t.is(partitions, 8)
  t.deepEqual(Object.fromEntries(Object.entries(rest).map(([name, port]) => [name, pathOf(port)])), {
    streams: 'streams',
    ledger: 'ledger',
    bodyOf: 'bodyOf',
    eventOf: 'reader.message',
  })
})
