import { mock } from 'node:test'
import test from 'ava'
import { fakeParts } from '../../test/support/fake-parts.ts'
import type { WorkerView } from './worker.ts'
import { gaugeSourcesOf } from './gauge-sources.ts'
import type { ServiceSettings } from './settings.ts'

const now = 1_800_000_000_000
test.serial.before(() => mock.timers.enable({ apis: ['Date'], now }))
test.serial.after.always(() => mock.timers.reset())

const supervised = [{ id: 'sub_1' }]
const viewOf = (partitions: readonly number[]) =>
  ({
    supervised: () => supervised,
    openMessages: () => 3,
    mailboxDepth: () => 4,
    partitions: () => partitions,
    retentionAgeMs: () => 5_000,
  }) as unknown as WorkerView
const answers = {
  'keyRing.currentSince': () => now - 7_000,
  'directory.ageMs': () => 1_250,
  'streams.state': async () => ({ messages: 10, bytes: 20, firstAt: now - 1_000 }),
  'streams.consumerStates': async () => [
    { partition: 0, pending: 1, oldestAt: now - 2_000 },
    { partition: 2, pending: 0, oldestAt: null },
  ],
  'ledger.census': async () => ({
    rows: 'rows',
    waiting: [
      { fault: 'own', oldestAt: now - 3_000 },
      { fault: 'receiver', oldestAt: now + 9_000 },
    ],
    circuits: 'circuits',
    erasures: { running: 2, oldestAt: now - 4_000 },
  }),
}
const sourcesOf = (worker: WorkerView | null, change: Partial<ServiceSettings> = {}) => {
  const fake = fakeParts(answers, { partitions: 8, keyRotationDays: 2, ...change })
  return { ...fake, sources: gaugeSourcesOf(fake.ports, () => worker) }
}

test.serial(
  'the owner of partition 0 reports what the whole fleet shares, and each worker its own partitions, with ages in seconds',
  async t => {
    const { sources, of, pathOf } = sourcesOf(viewOf([0, 2]))
    t.deepEqual(sources.supervised() as readonly object[], supervised)
    t.deepEqual(
      [sources.openMessages(), sources.mailboxDepth(), sources.partitionsOwned(), sources.partitions],
      [3, 4, 2, 8],
    )
    t.deepEqual([sources.retentionAgeS(), sources.signingKeyAgeS(), sources.signingKeyLifetimeS], [5, 7, 172_800])
    t.is(sources.directoryAgeS(), 1.25)
    t.deepEqual([sources.subscriptions, sources.pings.nats, sources.pings.mongodb].map(pathOf), [
      'directory.all',
      'streams.ping',
      'ledger.ping',
    ])
    t.deepEqual(await sources.stream(), { messages: 10, bytes: 20, firstAgeS: 1 })
    t.deepEqual((await sources.consumers()) as readonly object[], [
      { partition: 0, pending: 1, oldestAgeS: 2 },
      { partition: 2, pending: 0, oldestAgeS: 0 },
    ])
    t.deepEqual(of('streams.consumerStates'), [[[0, 2]]])
    t.deepEqual((await sources.ledger()) as object, {
      rows: 'rows',
      waiting: [
        { fault: 'own', oldestAgeS: 3 },
        { fault: 'receiver', oldestAgeS: 0 },
      ],
      circuits: 'circuits',
      erasures: { running: 2, oldestAgeS: 4 },
    })
  },
)

test.serial('a worker without partition 0 leaves what is shared to its owner', async t => {
  const { sources, calls } = sourcesOf(viewOf([2]))
  t.deepEqual([await sources.stream(), await sources.ledger()], [null, null])
  t.deepEqual(calls, [])
})

test.serial(
  'a process without a worker reports none of it; keys that are rotated by command have no lifetime',
  async t => {
    const { sources, of } = sourcesOf(null, { keyRotationDays: 0 })
    t.deepEqual(
      [sources.supervised(), sources.openMessages(), sources.mailboxDepth(), sources.partitionsOwned()],
      [[], 0, 0, 0],
    )
    t.deepEqual([sources.retentionAgeS(), sources.signingKeyLifetimeS], [null, null])
    t.deepEqual([await sources.stream(), await sources.ledger()], [null, null])
    await sources.consumers()
    t.deepEqual(of('streams.consumerStates'), [[[]]])
  },
)
