import { mock } from 'node:test'
import test from 'ava'
import { allThere, aServiceSettings } from '../../test/support/fake-parts.ts'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { aDelivery, aSubscription } from '../../test/support/supervised-values.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { Failure } from '../domain/failure.ts'
import { dayMs } from '../domain/time.ts'
import { createSealer } from '../signing/sealer.ts'
import { createPatience } from './patience.ts'
import type { Parts } from './parts.ts'
import type { ServiceSettings } from './settings.ts'
import { openStores } from './stores.ts'
import type { UntilThere } from './start-wait.ts'
import { ackWaitMs, leaseMs, partitionWindow } from './stream-limits.ts'

type Open = NonNullable<Parameters<typeof openStores>[2]>

const requirements = [{ name: 'stream', check: async () => [] }]

const storesOf = (
  change: Partial<ServiceSettings> = {},
  answers: Readonly<Record<string, unknown>> = {},
  untilThere = allThere,
) => {
  const fake = fakePorts<Open & Pick<Parts, 'log' | 'ledger' | 'streams' | 'directory'>>({
    openLedger: async () => fake.ports.ledger,
    connectStreams: async () => fake.ports.streams,
    startDirectory: async () => fake.ports.directory,
    'ledger.retention.longestPayloadDays': async () => 0,
    'streams.requirements': () => requirements,
    'streams.ensure': async () => [],
    'ledger.keys.load': async () => [],
    'ledger.subscriptions.all': async () => [],
    ...answers,
  })
  const { openLedger, connectStreams, startDirectory, log } = fake.ports
  const settings = aServiceSettings(change)
  const metrics = createMetrics()
  const opening = new AsyncDisposableStack()
  const options = { settings, metrics, log, patience: createPatience(log), untilThere }
  const open = (instead: Partial<Open> = {}) =>
    fake.inOrder(() =>
      openStores(options, opening, { openLedger, connectStreams, startDirectory, createSealer, ...instead }),
    )
  const of = (name: string) => fake.calls.filter(([path]) => path === name).map(([, ...args]) => args)
  return { ...fake, of, settings, metrics, opening, open }
}

test('the stores are opened with the settings that are theirs', async t => {
  const { open, of, metrics, pathOf, ports } = storesOf({ auditRetentionDays: 11 })
  const stores = await open()
  const [[ledger] = []] = of('openLedger')
  t.like(ledger, { auditRetentionDays: 11, url: 'mongodb://mongodb.test' })
  const { observer, onDone } = ledger as { observer: unknown; onDone: unknown }
  t.is(observer, metrics)
  t.is(typeof onDone, 'function')
  t.false('database' in (ledger as object))
  t.deepEqual(of('connectStreams')[0]?.[0], { url: 'nats://nats.test', log: ports.log, groupCommit: true } as never)
  const [[subscriptions, log] = []] = of('startDirectory')
  t.deepEqual([subscriptions, log].map(pathOf), ['ledger.subscriptions', 'log'])
  t.deepEqual([stores.ledger, stores.streams, stores.directory].map(pathOf), ['ledger', 'streams', 'directory'])
  t.like(stores.grounds, [{ system: 'nats', requirements }, { system: 'mongodb' }])
  t.deepEqual(
    stores.grounds.map(({ doubts$ }) => pathOf(doubts$)),
    ['streams.doubts$', 'ledger.doubts$'],
  )
  t.is(pathOf(stores.grounds[1]?.requirements), 'ledger.requirements')
  t.is(await stores.sealer.open(await stores.sealer.seal('text')), 'text')
})

test('a test’s service has a database and a stream of its own, and a cluster’s stream shares no flush', async t => {
  const { open, of } = storesOf({ database: 'test_1', sync: 'interval' })
  await open()
  t.like(of('openLedger')[0]?.[0], { database: 'test_1' })
  t.like(of('connectStreams')[0]?.[0], { groupCommit: false, names: { stream: 'test_1', root: 'test_1' } })
})

test('the stream keeps events for the tenant with the longest retention, or for the operator’s setting', async t => {
  for (const [longest, keepDays] of [
    [0, 8],
    [7, 8],
    [20, 21],
  ] as const) {
    const answers = { 'ledger.retention.longestPayloadDays': async () => longest }
    const { open, of, ports } = storesOf({ payloadRetentionDays: 7, partitions: 4, replicas: 3 }, answers)
    await open()
    const { progress } = ports.ledger
    const limits = { ackWaitMs, window: partitionWindow, leaseMs, keepMs: keepDays * dayMs, progress }
    t.deepEqual(of('streams.ensure'), [[{ partitions: 4, replicas: 3, ...limits }]])
    t.deepEqual(of('streams.requirements'), of('streams.ensure'))
  }
})

test('stores are closed in the reverse order of their opening, also when a later one cannot be opened', async t => {
  const { open, opening, calls, inOrder } = storesOf()
  await open()
  const before = calls.length
  await inOrder(() => opening.disposeAsync())
  t.deepEqual(
    calls.slice(before).map(([path]) => path),
    ['directory.stop', 'streams.close', 'ledger.close'],
  )

  const failing = storesOf({}, { connectStreams: () => Promise.reject(new Error('away')) })
  await t.throwsAsync(failing.open())
  await failing.opening.disposeAsync()
  t.deepEqual(failing.calls.at(-1), ['ledger.close'])
})

test('a start re-encrypts with its key and says how many secrets that were; with a key that it does not have it is refused', async t => {
  const previous = new Uint8Array(32).fill(3)
  const sealedSecret = await createSealer(previous).seal('secret')
  const answers = { 'ledger.subscriptions.all': async () => [aSubscription({ sealedSecret })] }
  const { open, of, lines } = storesOf({ previousEncryptionKeys: [previous] }, answers)
  await open()
  t.deepEqual(
    of('ledger.subscriptions.reseal').map(call => call.slice(0, 3)),
    [['sub_1', 'sealedSecret', sealedSecret]],
  )
  t.deepEqual(lines, [['info', { count: 1 }, 're-encrypted with DOORBELL_ENCRYPTION_KEY']])
  const fresh = storesOf()
  await fresh.open()
  t.deepEqual(fresh.lines, [])

  const lost = storesOf({}, answers)
  await t.throwsAsync(lost.open(), { instanceOf: Failure, code: 'invalid_settings' })
  t.deepEqual(lost.of('startDirectory'), [])
})

test('a migration is logged with its time', async t => {
  const { open, of, lines } = storesOf()
  await open()
  const [[options] = []] = of('openLedger')
  const { onDone } = options as { onDone: (migration: string, tookMs: number) => void }
  onDone('0007', 12)
  t.deepEqual(lines, [['info', { migration: '0007', tookMs: 12 }, 'the ledger’s documents were migrated']])
})

test.serial(
  'the activity that is left is stored before the ledger closes, and counts that cannot be stored are reported',
  async t => {
    const { open, opening, calls } = storesOf()
    const stores = await open()
    stores.activity.attempted(aDelivery(1), true, 5)
    await opening.disposeAsync()
    const paths = calls.map(([path]) => path)
    t.true(paths.indexOf('ledger.activity.add') > 0)
    t.true(paths.indexOf('ledger.activity.add') < paths.indexOf('ledger.close'))

    mock.timers.enable({ apis: ['setInterval'] })
    t.teardown(() => mock.timers.reset())
    const away = new Error('away')
    const failing = storesOf({}, { 'ledger.activity.add': () => Promise.reject(away) })
    ;(await failing.open()).activity.attempted(aDelivery(1), true, 5)
    mock.timers.tick(5_000)
    for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve))
    t.like(failing.lines[0]?.[1], { err: away, delayMs: 5_000 })
  },
)

test('every request of the opening waits for its server, and is made again when it comes', async t => {
  const away = new Failure('ledger_unavailable', 'away')
  const asked: string[] = []
  /** Answers only the second time. */
  const late = (name: string, answer: unknown) => async () => {
    const first = !asked.includes(name)
    asked.push(name)
    if (first) throw away
    return answer
  }
  const awaited: string[] = []
  const untilThere: UntilThere = async (what, step) => {
    awaited.push(what)
    try {
      return await step()
    } catch (error) {
      t.is(error, away)
      return step()
    }
  }
  const names = [
    ['ledger.retention.longestPayloadDays', 0],
    ['streams.ensure', []],
    ['ledger.keys.load', []],
  ] as const
  const fake = storesOf({}, Object.fromEntries(names.map(([name, answer]) => [name, late(name, answer)])), untilThere)
  const { ledger, streams, directory } = fake.ports
  await fake.open({
    openLedger: late('MongoDB', ledger),
    connectStreams: late('NATS', streams),
    startDirectory: late('directory', directory),
  } as never)
  t.deepEqual(awaited, ['MongoDB', 'NATS', 'MongoDB', 'the event stream', 'MongoDB', 'the subscriptions in MongoDB'])
  t.deepEqual(
    asked,
    ['MongoDB', 'NATS', ...names.map(([name]) => name), 'directory'].flatMap(name => [name, name]),
  )
})

test('what NATS lost while no process ran is restored at the start, and the log says so', async t => {
  const lost = {
    system: 'nats',
    object: 'stream VISITS',
    difference: 'is missing',
    outcome: 'restored',
    promise: 'Events are accepted.',
    remedy: 'find out who removed it',
    refusesEvents: false,
  }
  const { open, lines } = storesOf({}, { 'streams.ensure': async () => [lost] })
  await open()
  t.like(lines, [['warn', { object: 'stream VISITS', difference: 'is missing' }]])
})
