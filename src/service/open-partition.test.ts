import { mock } from 'node:test'
import test from 'ava'
import { defer, Subject } from 'rxjs'
import type { Supervisors } from '../../actors/subscription/supervisors.ts'
import { fakeParts } from '../../test/support/fake-parts.ts'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { aSubscription } from '../../test/support/supervised-values.ts'
import { partitionOf } from '../domain/partition.ts'
import type { SubscriptionChange } from '../domain/subscription.ts'
import type { VisitMessage } from '../domain/visit-message.ts'
import { changesOf, openPartition, readPartition } from './open-partition.ts'
import { partitionWindow } from './stream-limits.ts'

test.serial.beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }))
test.serial.afterEach.always(() => mock.timers.reset())
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve))
}

const event = { id: 'evt-1', type: 'visit.checked_in', timestamp: '', tenant: 'acme', visitId: 'visit-1', data: {} }

/** Partition 3 of a stream whose messages the test emits. No subscription wants their events. */
const opened = (answers: Readonly<Record<string, unknown>> = {}) => {
  const messages$ = new Subject<VisitMessage>()
  const nothingInHand = Promise.withResolvers<void>()
  const steps: string[] = []
  const stop = async () => {
    steps.push('feed stops')
    messages$.complete()
    await settled()
    steps.push('feed has stopped')
  }
  const fake = fakeParts({
    'streams.feed': () => ({ messages$, nothingInHand: nothingInHand.promise, stop }),
    'reader.message': () => event,
    'directory.ofTenant': () => [],
    ...answers,
  })
  const supervisors = fakePorts<Supervisors>({
    caughtUp: () => steps.push('caught up'),
    offer: answers['offer'],
    drain: async () => {
      steps.push('supervisors drain')
      await settled()
      steps.push('supervisors have drained')
    },
  })
  const read = readPartition(fake.ports, 3, supervisors.ports)
  const message = (caughtUp = false) =>
    ({
      partition: 3,
      tenant: 'acme',
      type: 'visit.checked_in',
      sequence: 1,
      at: 0,
      redeliveries: 0,
      caughtUp,
      traceparent: null,
      text: () => '',
      ack: () => steps.push('acknowledged'),
    }) as unknown as VisitMessage
  return { ...fake, ...read, messages$, nothingInHand, steps, message }
}

test.serial(
  'a partition reads its own messages, as many at once as its window, and counts those that are open',
  async t => {
    const { of, pathOf, messages$, message, openMessages, steps } = opened()
    t.deepEqual(
      of('streams.feed').map(([number, window, onWait]) => [number, window, pathOf(onWait)]),
      [[3, partitionWindow, 'patience.onWait']],
    )
    messages$.next(message())
    t.is(openMessages(), 1)
    await settled()
    t.is(openMessages(), 0)
    t.deepEqual(steps, ['acknowledged'])
  },
)

test.serial(
  'ordered visits begin once everything that the previous owner had in hand has come again, or if it had nothing',
  async t => {
    const nothing = opened()
    await settled()
    t.deepEqual(nothing.steps, [])
    nothing.nothingInHand.resolve()
    await settled()
    t.deepEqual(nothing.steps, ['caught up'])

    const something = opened()
    something.messages$.next(something.message(true))
    await settled()
    t.deepEqual(something.steps, ['caught up', 'acknowledged'])
  },
)

test.serial(
  'a drain stops the feed, then ends the supervisors, and waits for the messages that are still open',
  async t => {
    const kept = Promise.withResolvers<void>()
    const { messages$, message, drain, steps } = opened({ 'ledger.unmatched.keep': () => kept.promise })
    messages$.next(message())
    await settled()
    let drained = false
    const draining = drain().then(() => (drained = true))
    await settled()
    await settled()
    await settled()
    t.deepEqual(steps, ['feed stops', 'feed has stopped', 'supervisors drain', 'supervisors have drained'])
    t.false(drained)
    kept.resolve()
    await draining
    t.is(steps.at(-1), 'acknowledged')
  },
)

test.serial(
  'a partition that meets a defect is logged and read again 100 ms later; one that keeps failing is paused, and a drain does not wait for its end',
  async t => {
    const fault = new TypeError('a defect')
    const feeds: Subject<VisitMessage>[] = []
    const messages$ = defer(() => {
      const feed$ = new Subject<VisitMessage>()
      feeds.push(feed$)
      return feed$
    })
    const feed = { messages$, nothingInHand: new Promise(() => undefined), stop: async () => undefined }
    const { lines, of, drain, openMessages, message } = opened({
      'streams.feed': () => feed,
      'directory.ofTenant': () => {
        throw fault
      },
    })
    for (let faults = 1; faults <= 6; faults += 1) {
      feeds.at(-1)?.next(message())
      await settled()
      t.is(openMessages(), 0, 'the stream delivers them again')
      mock.timers.tick(100)
      await settled()
      t.is(feeds.length, Math.min(faults + 1, 6))
    }
    const remedy = 'a defect: report it with this line; the partition is tried again by itself, and the others continue'
    const line = (directive: string, againInMs: number) => [
      'error',
      { err: fault, partition: 3, directive, againInMs, remedy },
      'a partition failed',
    ]
    t.deepEqual(lines.slice(-6), [
      ...Array.from({ length: 5 }, () => line('restart', 100)),
      line('pause', 30_000),
    ] as never)
    t.deepEqual(of('paused.paused'), [[3, 30_000]])
    await drain()
    t.deepEqual(of('paused.closed'), [[3]])
    t.is(feeds.length, 6, 'it was not read again')
  },
)

test.serial('a message whose work ends after its feed has failed is not counted a second time', async t => {
  const recorded = Promise.withResolvers<string>()
  const feeds: Subject<VisitMessage>[] = []
  const messages$ = defer(() => {
    feeds.push(new Subject<VisitMessage>())
    return feeds.at(-1) as Subject<VisitMessage>
  })
  const { openMessages, message, steps } = opened({
    'streams.feed': () => ({ messages$, nothingInHand: new Promise(() => undefined), stop: async () => undefined }),
    'directory.ofTenant': () => [aSubscription()],
    'ledger.deliveries.existing': async () => new Set(),
    offer: () => recorded.promise,
  })
  feeds[0]?.next(message())
  await settled()
  feeds[0]?.error(new Error('a fault'))
  mock.timers.tick(100)
  feeds[1]?.next(message())
  t.is(openMessages(), 1)
  recorded.resolve('recorded')
  await settled()
  t.deepEqual([steps, openMessages()], [['acknowledged', 'acknowledged'], 0])
})

const change = (tenant: string): SubscriptionChange => ({ type: 'changed', subscription: aSubscription({ tenant }) })
test.serial(
  'a partition hears of changes of its own subscriptions, and of every deletion, since the tenant is unknown then',
  t => {
    const changes$ = new Subject<SubscriptionChange>()
    const { ports } = fakeParts({ 'directory.changes$': changes$ }, { partitions: 16 })
    const heard: SubscriptionChange[] = []
    changesOf(ports, partitionOf('acme', 16)).subscribe(each => heard.push(each))
    const removed: SubscriptionChange = { type: 'removed', id: 'sub_9' }
    for (const each of [change('acme'), change('globex'), removed]) changes$.next(each)
    t.deepEqual(heard, [change('acme'), removed])
  },
)

test.serial('the supervisors of a partition follow those changes with the ports of the service', async t => {
  const changes$ = new Subject<SubscriptionChange>()
  const feed = { messages$: new Subject(), nothingInHand: new Promise(() => undefined), stop: async () => undefined }
  const { ports, of } = fakeParts({ 'directory.changes$': changes$, 'streams.feed': () => feed })
  const { supervisors } = openPartition(ports, 3)
  changes$.next({ type: 'removed', id: 'sub_9' })
  await settled()
  t.is(of('ledger.deliveries.cancelAll')[0]?.[0], 'sub_9')
  t.is(supervisors.size, 0)
})

test.serial('a feed whose server is away is no defect: the partition is never paused for it', async t => {
  const feeds: Subject<VisitMessage>[] = []
  const messages$ = defer(() => {
    feeds.push(new Subject<VisitMessage>())
    return feeds.at(-1) as Subject<VisitMessage>
  })
  const feed = { messages$, nothingInHand: new Promise(() => undefined), stop: async () => feeds.at(-1)?.complete() }
  const { lines, of, drain } = opened({ 'streams.feed': () => feed })
  for (let faults = 0; faults < 12; faults += 1) {
    feeds.at(-1)?.error(new Error('TIMEOUT'))
    mock.timers.tick(5_000)
    await settled()
  }
  t.is(feeds.length, 13)
  t.deepEqual(of('paused.paused'), [])
  t.like(lines.at(-1)?.[1], {
    err: { code: 'streams_unavailable' },
    directive: 'restart',
    remedy: 'see the error: it continues by itself',
  })
  await drain()
})

test.serial('a feed that fails while its partition is drained is not read again', async t => {
  const feed$ = new Subject<VisitMessage>()
  const stop = async () => feed$.error(new Error('a fault'))
  const feed = { messages$: feed$, nothingInHand: new Promise(() => undefined), stop }
  const { drain } = opened({ 'streams.feed': () => feed })
  await t.notThrowsAsync(drain())
})
