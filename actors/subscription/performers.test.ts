import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { Subject } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { aDelivery, anAnswer, aSubscription } from '../../test/support/supervised-values.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import { Failure } from '../../src/domain/failure.ts'
import { performSubscription, type SubscriptionPorts } from './performers.ts'
import type { SubscriptionEffect, SubscriptionMessage } from './protocol.ts'

const away = new Error('the ledger is away')
const attempt = { number: 2, at: 7, tookMs: 1, url: '', traceId: '', spanId: '' }
const health = {
  subscriptionId: 'sub_1',
  circuit: { phase: 'closed', since: 0, until: null, times: 0, reason: null },
  failingSince: null,
  notices: 0,
  gone: 0,
  updatedAt: 1,
} as const
const remember = (updatedAt: number): SubscriptionEffect => ({
  type: 'remember',
  health: { ...health, updatedAt },
  transition: null,
  traceparent: null,
})
const disable = (reason: string): SubscriptionEffect => ({ type: 'disable', reason, at: 5, traceparent: 'trace' })

/** Ports that write down their calls and end when the test says so; `give` performs an effect. */
const performing = (change: Partial<SubscriptionPorts> = {}, offered: ReadonlySet<string> = new Set()) => {
  const calls: unknown[][] = []
  const messages: SubscriptionMessage[] = []
  const ends: (() => void)[] = []
  const call =
    <T>(name: string, result: T) =>
    (...args: unknown[]): Promise<T> => {
      calls.push([name, ...args])
      return new Promise(resolve => ends.push(() => resolve(result)))
    }
  const effects$ = new Subject<SubscriptionEffect>()
  const listener = {
    recorded: (id: string) => void calls.push(['recorded', id]),
    handedBack: (id: string) => void calls.push(['handedBack', id]),
    refused: (id: string, error: unknown) => (calls.push(['refused', id, error]), offered.has(id)),
  }
  let completed = false
  let fault: unknown
  const ports: SubscriptionPorts = {
    attempt: call('attempt', { attempt, outcome: anAnswer(200) }),
    record: call('record', aDelivery('written')),
    due: call('due', { rows: [aDelivery('due')], nextDueAt: 9 }),
    nextOfVisit: call('nextOfVisit', { row: aDelivery('next'), active: false }),
    openVisits: call('openVisits', { visits: [], complete: true }),
    remember: call('remember', undefined),
    announce: call('announce', undefined),
    disable: call('disable', undefined),
    patience: { passes: error => error === away, onWait: () => undefined, firstDelayMs: 0, maxDelayMs: 0 },
    now: () => 1_000,
    ...change,
  }
  performSubscription(
    ports,
    'sub_1',
    listener,
  )(effects$).subscribe({
    next: message => messages.push(message),
    complete: () => (completed = true),
    error: error => (fault = error),
  })
  return {
    calls,
    messages,
    give: (...effects: SubscriptionEffect[]) => effects.forEach(effect => effects$.next(effect)),
    /** Ends the calls that are under way. */
    end: async () => {
      ends.splice(0).forEach(resolve => resolve())
      await setImmediate()
    },
    finish: () => effects$.complete(),
    isComplete: () => completed,
    fault: () => fault,
  }
}

const work = { delivery: aDelivery(1), stored: true, since: 0 }
const subscription = aSubscription()

test('each effect calls its port with all that it holds, and is answered by one message', async t => {
  const row = aDelivery(1)
  for (const [effect, called, message] of [
    [
      { type: 'post', work, subscription, number: 2, receiverHealthy: true },
      ['attempt', { delivery: work.delivery, subscription, number: 2, receiverHealthy: true }],
      { type: 'attempted', work, attempt, outcome: anAnswer(200) },
    ],
    [
      { type: 'record', row, stored: true },
      ['record', row, true],
      { type: 'recorded', row: aDelivery('written'), stored: true, leftOrder: false },
    ],
    [
      { type: 'pull', limit: 5 },
      ['due', 'sub_1', 5],
      { type: 'pulled', rows: [aDelivery('due')], asked: 5, nextDueAt: 9 },
    ],
    [
      { type: 'readNextOfVisit', visitId: 'v1' },
      ['nextOfVisit', 'sub_1', 'v1'],
      { type: 'nextOfVisit', visitId: 'v1', row: aDelivery('next'), active: false },
    ],
    [{ type: 'readVisits' }, ['openVisits', 'sub_1'], { type: 'visitsRead', visits: { visits: [], complete: true } }],
  ] as const satisfies readonly (readonly [SubscriptionEffect, readonly unknown[], SubscriptionMessage])[]) {
    const { give, calls, messages, end } = performing()
    give(effect)
    t.deepEqual(calls, [[...called]])
    t.deepEqual(messages, [])
    await end()
    t.deepEqual(messages, [message])
  }
})

test('a health, a notice and the disabling are passed on, and answered by nothing', async t => {
  const announcement = {
    type: 'webhook.subscription.failing',
    tenant: 'acme',
    subscriptionId: 'sub_1',
    key: 'k',
    at: 1,
    data: {},
  } as const
  const { give, calls, messages, end } = performing()
  give(remember(1), { type: 'announce', announcement }, disable('Gone.'))
  t.deepEqual(calls, [
    ['remember', remember(1)],
    ['announce', announcement],
    ['disable', 'sub_1', disable('Gone.')],
  ])
  await end()
  t.deepEqual(messages, [])
})

test('an offer is settled by its durable row, under the id that was offered, or when it is handed back', async t => {
  const { give, calls, end } = performing()
  give({ type: 'record', row: aDelivery(1), stored: false })
  t.deepEqual(calls.slice(1), [], 'not before the row is durable')
  await end()
  give({ type: 'handBack', deliveryId: 'x' })
  t.deepEqual(calls.slice(1), [
    ['recorded', '1.sub_1'],
    ['handedBack', 'x'],
  ])
})

test('a row that left the order of its visit while it was written is reported as such', async t => {
  const ordered = aDelivery(1, { ordered: true })
  const leftOrder = async (row: Delivery, written: Delivery) => {
    const { give, messages } = performing({ record: () => Promise.resolve(written) })
    give({ type: 'record', row, stored: true })
    await setImmediate()
    return messages.map(message => message.type === 'recorded' && message.leftOrder)
  }
  t.deepEqual(await leftOrder(ordered, aDelivery(1)), [true])
  t.deepEqual(await leftOrder(ordered, ordered), [false])
  t.deepEqual(await leftOrder(aDelivery(1), aDelivery(1)), [false])
  t.deepEqual(await leftOrder(aDelivery(1), ordered), [false])
})

test('posts, writes and visits do not wait for one another', t => {
  const { give, calls } = performing()
  const post = { type: 'post', work, subscription, number: 1, receiverHealthy: true } as const
  const record = { type: 'record', row: aDelivery(1), stored: true } as const
  const read = { type: 'readNextOfVisit', visitId: 'v' } as const
  give(post, post, record, record, read, read)
  t.deepEqual(
    calls.map(([name]) => name),
    ['attempt', 'attempt', 'record', 'record', 'nextOfVisit', 'nextOfVisit'],
  )
})

test('notices do not wait for one another', t => {
  const { give, calls } = performing()
  const announcement = {
    type: 'webhook.delivery.exhausted',
    tenant: 'a',
    subscriptionId: 's',
    at: 1,
    data: {},
  } as const
  give({ type: 'announce', announcement: { ...announcement, key: '1' } })
  give({ type: 'announce', announcement: { ...announcement, key: '2' } })
  t.is(calls.length, 2)
})

for (const [title, first, second] of [
  ['states of the endpoint’s health', remember(1), remember(2)],
  ['pulls', { type: 'pull', limit: 1 }, { type: 'pull', limit: 2 }],
  ['orders to disable', disable('a'), disable('b')],
  ['readings of all visits', { type: 'readVisits' }, { type: 'readVisits' }],
] as const)
  test(`${title} follow one another, and none is lost`, async t => {
    const { give, calls, end } = performing()
    give(first, second)
    t.is(calls.length, 1)
    await end()
    t.is(calls.length, 2)
    await end()
  })

test('while the ledger is away the work waits and is repeated, except an attempt', async t => {
  for (const [effect, port] of [
    [{ type: 'record', row: aDelivery(1), stored: true }, 'record'],
    [{ type: 'pull', limit: 5 }, 'due'],
    [{ type: 'readNextOfVisit', visitId: 'v1' }, 'nextOfVisit'],
    [{ type: 'readVisits' }, 'openVisits'],
    [remember(1), 'remember'],
    [disable('a'), 'disable'],
    [
      {
        type: 'announce',
        announcement: {
          type: 'webhook.delivery.exhausted',
          tenant: 'a',
          subscriptionId: 's',
          key: 'k',
          at: 1,
          data: {},
        },
      },
      'announce',
    ],
  ] as const satisfies readonly (readonly [SubscriptionEffect, keyof SubscriptionPorts])[]) {
    let tries = 0
    const twice = Promise.withResolvers<void>()
    const fails = () => {
      tries += 1
      if (tries === 2) twice.resolve()
      return tries === 1 ? Promise.reject(away) : new Promise<never>(() => undefined)
    }
    performing({ [port]: fails }).give(effect)
    await twice.promise
    t.is(tries, 2, port)
  }
})

const virtually = (t: { deepEqual: (a: unknown, b: unknown) => unknown }) =>
  new TestScheduler((actual, expected) => void t.deepEqual(actual, expected))

test('the timer goes off at its moment; a newer one replaces it, and one in the past goes off at once', t => {
  virtually(t).run(({ hot, expectObservable }) => {
    const ports = { now: () => 1_000 } as unknown as SubscriptionPorts
    const at = (moment: number): SubscriptionEffect => ({ type: 'wakeAt', at: moment })
    const timers = (marbles: string, effects: Record<string, SubscriptionEffect>) =>
      performSubscription(ports, 'sub_1', {
        recorded: () => undefined,
        handedBack: () => undefined,
        refused: () => false,
      })(hot(marbles, effects))
    const woke = { w: { type: 'woke' } as const }
    expectObservable(timers('a', { a: at(1_005) })).toBe('-----w', woke)
    expectObservable(timers('a-b', { a: at(1_005), b: at(1_010) })).toBe('------------w', woke)
    expectObservable(timers('a', { a: at(500) })).toBe('w', woke)
  })
})

test('a timer that is set for tomorrow does not delay the end', t => {
  virtually(t).run(({ cold, expectObservable }) => {
    const ports = { now: () => 0 } as unknown as SubscriptionPorts
    const effect: SubscriptionEffect = { type: 'wakeAt', at: 24 * 60 * 60_000 }
    const listener = { recorded: () => undefined, handedBack: () => undefined, refused: () => false }
    expectObservable(performSubscription(ports, 'sub_1', listener)(cold('a--|', { a: effect }))).toBe('---|')
  })
})

test('work under way at the end is finished', async t => {
  const { give, finish, end, isComplete, messages } = performing()
  give({ type: 'post', work, subscription, number: 1, receiverHealthy: true })
  finish()
  t.false(isComplete())
  await end()
  t.true(isComplete())
  t.is(messages.length, 1)
})

const refusal = new Failure('internal', 'The ledger refuses this document (121).')

test('a new row that the ledger refuses ends with its offer, and the supervisor goes on', async t => {
  const { give, calls, messages, fault } = performing(
    { record: () => Promise.reject(refusal) },
    new Set(['offered.sub_1']),
  )
  const row = aDelivery('offered')
  give({ type: 'record', row, stored: false })
  await setImmediate()
  t.deepEqual(calls, [['refused', 'offered.sub_1', refusal]])
  t.deepEqual(messages, [{ type: 'recorded', row, stored: false, leftOrder: false }])
  t.is(fault(), undefined)
})

test('a refused row that is stored already, or that no partition offered, and any defect are faults of the supervisor', async t => {
  for (const [row, stored, error] of [
    [aDelivery('offered'), true, refusal],
    [aDelivery('other'), false, refusal],
    [aDelivery('offered'), false, new Error('a defect')],
  ] as const) {
    const { give, messages, fault } = performing({ record: () => Promise.reject(error) }, new Set(['offered.sub_1']))
    give({ type: 'record', row, stored })
    await setImmediate()
    t.deepEqual(messages, [])
    t.is(fault(), error)
  }
})
