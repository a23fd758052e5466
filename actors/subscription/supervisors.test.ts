import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { Subject } from 'rxjs'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { SubscriptionChange } from '../../src/domain/subscription.ts'
import { systemClock } from '../kit/clock.ts'
import { aDelivery, anAnswer, aSubscription, nothingStored } from '../../test/support/supervised-values.ts'
import { virtualTime } from '../../test/support/virtual-time.ts'
import { createSupervisors, type SupervisorsPorts } from './supervisors.ts'

const away = new Error('the ledger is away')
const attempt = { number: 1, at: 0, tookMs: 1, url: '', traceId: '', spanId: '' }

/** Whether this ends without any timer: within a few turns of the event loop. */
const soon = async (work: Promise<unknown>): Promise<'ended' | 'waits'> => {
  let ended = false
  void work.then(() => (ended = true))
  for (let turn = 0; turn < 50 && !ended; turn += 1) await setImmediate()
  return ended ? 'ended' : 'waits'
}

const supervisors = (change: Partial<SupervisorsPorts> = {}) => {
  const rows: Delivery[] = []
  const changes$ = new Subject<SubscriptionChange>()
  const faults: Parameters<SupervisorsPorts['onFault']>[] = []
  const all = createSupervisors({
    attempt: async ({ number }) => ({ attempt: { ...attempt, number }, outcome: anAnswer(200) }),
    record: async row => (rows.push(row), row),
    nextOfVisit: async () => ({ row: null, active: false }),
    openVisits: async () => ({ visits: [], complete: true }),
    stored: async () => nothingStored,
    remember: async () => undefined,
    announce: async () => undefined,
    disable: async () => undefined,
    due: async () => ({ rows: [], nextDueAt: null }),
    patience: { passes: error => error === away, onWait: () => undefined, firstDelayMs: 1, maxDelayMs: 1 },
    now: () => Date.now(),
    byId: () => aSubscription(),
    changes$,
    cancelAll: async () => undefined,
    clock: systemClock,
    onFault: (...fault) => void faults.push(fault),
    ...change,
  })
  return { all, rows, changes$, faults }
}

test('an offer is answered when its row is durable', async t => {
  const { all, rows } = supervisors()
  t.is(await all.offer(aSubscription(), aDelivery(1)), 'recorded')
  t.is(rows[0]?.status, 'delivered')
  await all.drain()
})

test('the same delivery offered twice is posted once', async t => {
  let posts = 0
  const { all } = supervisors({
    attempt: async ({ number }) => {
      posts += 1
      return { attempt: { ...attempt, number }, outcome: anAnswer(200) }
    },
  })
  await Promise.all([all.offer(aSubscription(), aDelivery(1)), all.offer(aSubscription(), aDelivery(1))])
  t.is(posts, 1)
  await all.drain()
})

test.serial('a ledger that is away is waited for, and the attempt is not made again', async t => {
  const time = virtualTime(t)
  let tries = 0
  const { all, faults } = supervisors({
    record: async row => {
      tries += 1
      if (tries < 3) throw away
      return row
    },
  })
  const result = all.offer(aSubscription(), aDelivery(1))
  await time.pass(10)
  t.deepEqual([tries, await soon(result), faults], [3, 'ended', []])
  t.is(await result, 'recorded')
  await all.drain()
})

test.serial('after a defect a supervisor begins again with what it had in hand', async t => {
  const time = virtualTime(t)
  let posts = 0
  const { all, faults, rows } = supervisors({
    attempt: async ({ number }) => {
      posts += 1
      if (posts === 1) throw new Error('a defect')
      return { attempt: { ...attempt, number }, outcome: anAnswer(200) }
    },
  })
  const result = all.offer(aSubscription(), aDelivery(1))
  await time.pass(110)
  t.deepEqual([faults.length, rows.length, await soon(result)], [1, 1, 'ended'])
  t.is(await result, 'recorded')
  await all.drain()
})

test.serial('a defect that does not pass gives everything back to the stream', async t => {
  const time = virtualTime(t)
  const { all, faults } = supervisors({ attempt: () => Promise.reject(new Error('a defect')) })
  const result = all.offer(aSubscription(), aDelivery(1))
  await time.pass(510)
  t.is(await soon(result), 'ended')
  t.is(await result, 'handed_back')
  t.deepEqual(
    faults.map(([id, , directive]) => [id, directive]),
    [...Array.from({ length: 5 }, () => ['sub_1', 'restart']), ['sub_1', 'escalate']],
  )
  t.is(all.size, 0)
  await all.drain()
})

test('a retry that is due tomorrow does not keep the process from its end', async t => {
  const now = Date.now()
  const dayMs = 24 * 60 * 60_000
  const patient = aSubscription({ retry: { delaysMs: [dayMs] } })
  const { all, rows } = supervisors({
    byId: () => patient,
    attempt: async ({ number }) => ({ attempt: { ...attempt, number, at: now }, outcome: anAnswer(503) }),
  })
  t.is(await all.offer(patient, aDelivery(1, { createdAt: now })), 'recorded')
  t.like(rows[0], { status: 'pending' })
  t.true((rows[0]?.nextAttemptAt ?? 0) > now + dayMs / 2)
  await setImmediate()
  t.is(all.size, 1, 'it waits for tomorrow')
  t.is(await soon(all.drain()), 'ended')
  t.is(all.size, 0)
})

test('an idle supervisor leaves memory', async t => {
  const { all } = supervisors()
  await all.offer(aSubscription(), aDelivery(1))
  t.is(all.size, 1)
  await setImmediate()
  all.dismissIdle()
  await setImmediate()
  t.is(all.size, 0)
})

test('once the process is ending an offer goes back to the stream', async t => {
  const { all, rows } = supervisors()
  await all.drain()
  t.is(await all.offer(aSubscription(), aDelivery(1)), 'handed_back')
  t.deepEqual(rows, [])
})

test('a pull that leads to another at once does not get lost, and the supervisor still ends', async t => {
  const { promise: delivered, resolve } = Promise.withResolvers<Delivery>()
  let pulls = 0
  const { all } = supervisors({
    due: async () => {
      pulls += 1
      return pulls === 3
        ? { rows: [aDelivery('late')], nextDueAt: null }
        : { rows: [], nextDueAt: pulls < 3 ? 0 : null }
    },
    record: async row => (resolve(row), row),
  })
  all.wake('sub_1')
  t.is((await delivered).eventId, 'late')
  await all.drain()
})

test('an event that matched a subscription which was deleted meanwhile is cancelled, not posted', async t => {
  let posts = 0
  const { all, rows } = supervisors({
    byId: () => undefined,
    attempt: async () => ((posts += 1), Promise.reject(new Error('must not be called'))),
  })
  t.is(await all.offer(aSubscription(), aDelivery(1)), 'recorded')
  t.like(rows[0], { status: 'cancelled', reason: 'subscription_deleted' })
  t.is(posts, 0)
  await all.drain()
})

test('a fault while the process is ending does not keep it from its end', async t => {
  const { promise: begun, resolve } = Promise.withResolvers<void>()
  const { promise: failed, reject } = Promise.withResolvers<never>()
  const { all } = supervisors({ attempt: () => (resolve(), failed) })
  const result = all.offer(aSubscription(), aDelivery(1))
  await begun
  const drained = all.drain()
  reject(new Error('a defect'))
  t.is(await soon(drained), 'ended')
  t.is(await result, 'handed_back')
})

/** An attempt that has begun and does not end. */
const hanging = () => new Promise<never>(() => undefined)

test('offers of one subscription share its supervisor, and each subscription has its own', async t => {
  const { all } = supervisors({ attempt: hanging, byId: id => aSubscription({ id }) })
  for (const [id, event] of [
    ['sub_1', 1],
    ['sub_1', 2],
    ['sub_2', 3],
  ] as const)
    void all.offer(aSubscription({ id }), aDelivery(event))
  t.is(all.size, 2)
  await setImmediate()
  t.deepEqual(all.supervised(), [
    { id: 'sub_1', tenant: 'acme', inFlight: 2, inFlightLimit: 2, waiting: 0, circuit: 'closed' },
    { id: 'sub_2', tenant: 'acme', inFlight: 1, inFlightLimit: 2, waiting: 0, circuit: 'closed' },
  ])
})

test('what a supervisor works on is reported with its limit, and only once it has begun', async t => {
  const health = { subscriptionId: 'sub_1', failingSince: 1, notices: 0, gone: 0, updatedAt: 1 }
  const circuit = { phase: 'half-open', since: 1, until: null, times: 1, reason: 'It failed.' } as const
  const { all } = supervisors({
    attempt: hanging,
    byId: () => aSubscription({ maxInFlight: 100 }),
    stored: async () => ({ ...nothingStored, health: { ...health, circuit } }),
  })
  for (const event of [1, 2, 3]) void all.offer(aSubscription({ maxInFlight: 100 }), aDelivery(event))
  t.deepEqual([all.supervised(), all.depth()], [[], 3])
  await setImmediate()
  t.deepEqual(all.supervised(), [
    { id: 'sub_1', tenant: 'acme', inFlight: 1, inFlightLimit: 1, waiting: 2, circuit: 'half-open' },
  ])
  t.is(all.depth(), 0)
})

test('the depth of all mailboxes is reported', t => {
  const { all } = supervisors({ stored: hanging, byId: id => aSubscription({ id }) })
  for (const id of ['sub_1', 'sub_2'])
    for (const event of [1, 2]) void all.offer(aSubscription({ id }), aDelivery(`${event}.${id}`))
  t.is(all.depth(), 4)
})

test('an offer that finds its supervisor’s mailbox full goes back to the stream', async t => {
  const { all } = supervisors({ stored: hanging })
  for (let event = 0; event < 1_024; event += 1) void all.offer(aSubscription(), aDelivery(event))
  t.is(await all.offer(aSubscription(), aDelivery('more')), 'handed_back')
})

test('a wake-up starts a supervisor, which pulls what is due; one in memory pulls again', async t => {
  const asked: unknown[] = []
  const stored: unknown[] = []
  const { all } = supervisors({
    due: async (...args) => (asked.push(args), { rows: [], nextDueAt: null }),
    stored: async subscription => (stored.push(subscription), nothingStored),
  })
  all.wake('sub_1')
  await setImmediate()
  t.deepEqual([all.size, asked, stored], [1, [['sub_1', 4]], [aSubscription()]])
  all.wake('sub_1')
  await setImmediate()
  t.deepEqual([all.size, asked.length, stored.length], [1, 2, 1])
  await all.drain()
  all.wake('sub_1')
  t.is(all.size, 0, 'not while the process ends')
})

test('a new event does not make its supervisor pull: the watch knows what is due', async t => {
  let pulls = 0
  const { all } = supervisors({ due: async () => ((pulls += 1), { rows: [], nextDueAt: null }) })
  await all.offer(aSubscription(), aDelivery(1))
  await setImmediate()
  t.deepEqual([all.size, pulls], [1, 0])
})

test('a wake-up of a deleted subscription cancels its rows', t => {
  const cancelled: string[] = []
  const { all } = supervisors({ byId: () => undefined, cancelAll: async id => cancelled.push(id) })
  all.wake('sub_1')
  t.deepEqual([cancelled, all.size], [['sub_1'], 0])
})

test('a change of a subscription reaches its supervisor, and starts none', async t => {
  const urls: string[] = []
  const { all, changes$ } = supervisors({
    attempt: async ({ subscription, number }) => {
      urls.push(subscription.url)
      return { attempt: { ...attempt, number }, outcome: anAnswer(200) }
    },
  })
  const subscription = aSubscription({ url: 'https://new.example/' })
  changes$.next({ type: 'changed', subscription })
  t.is(all.size, 0)
  await all.offer(aSubscription(), aDelivery(1))
  changes$.next({ type: 'changed', subscription: aSubscription({ id: 'sub_2', url: 'https://other.example/' }) })
  changes$.next({ type: 'changed', subscription })
  await all.offer(aSubscription(), aDelivery(2))
  t.deepEqual(urls, ['https://receiver.example/hook', 'https://new.example/'])
})

test('when a subscription is deleted its supervisor ends, and its rows are cancelled, also without one', async t => {
  const cancelled: string[] = []
  const { all, changes$ } = supervisors({ cancelAll: async id => cancelled.push(id) })
  await all.offer(aSubscription(), aDelivery(1))
  changes$.next({ type: 'removed', id: 'sub_1' })
  changes$.next({ type: 'removed', id: 'sub_2' })
  await setImmediate()
  t.deepEqual([cancelled, all.size], [['sub_1', 'sub_2'], 0])
})

test('rows that cannot be cancelled now are reported: the watch cancels them later', async t => {
  const waits: unknown[][] = []
  const { changes$ } = supervisors({
    cancelAll: () => Promise.reject(away),
    patience: { passes: () => true, onWait: (...args) => void waits.push(args) },
  })
  changes$.next({ type: 'removed', id: 'sub_1' })
  await setImmediate()
  t.deepEqual(waits, [[away, 0]])
})

/** A subscription with an order, of which one visit waits in the ledger; what is asked of it. */
const withVisits = (change: Partial<SupervisorsPorts> = {}) => {
  const visits = { visits: [{ visitId: 'v1', open: 1, active: false }], complete: true }
  const read: string[] = []
  const made = supervisors({
    stored: async () => ({ ...nothingStored, visits }),
    nextOfVisit: async (_, visitId) => (read.push(visitId), { row: null, active: false }),
    ...change,
  })
  return { ...made, read }
}

test('that the stream has caught up reaches supervisors in memory, so that waiting visits are released', async t => {
  const { all, read } = withVisits()
  all.wake('sub_1')
  await setImmediate()
  t.deepEqual(read, [])
  all.caughtUp()
  all.caughtUp()
  await setImmediate()
  t.deepEqual(read, ['v1'])
  t.is(all.depth(), 0)
})

test('that it has caught up is reported to each supervisor once', t => {
  const { all } = supervisors({ stored: hanging })
  all.wake('sub_1')
  all.caughtUp()
  all.caughtUp()
  t.is(all.depth(), 2)
})

test.serial('it is also known to supervisors that begin later, and after a fault', async t => {
  const time = virtualTime(t)
  let faults = 1
  const { all, read } = withVisits({
    due: async () => {
      if (faults-- > 0) throw new Error('a defect')
      return { rows: [], nextDueAt: null }
    },
  })
  all.caughtUp()
  all.wake('sub_1')
  await time.pass(110)
  t.deepEqual(read, ['v1', 'v1'])
})

test.serial(
  'after a defect a supervisor receives its offers again in order, pulls, and begins with the current settings',
  async t => {
    const time = virtualTime(t)
    const [heard, stored, pulls]: [string[], string[], unknown[]] = [[], [], []]
    let current = aSubscription({ maxInFlight: 8 })
    const { all, faults } = supervisors({
      byId: () => current,
      stored: async ({ url }) => (stored.push(url), nothingStored),
      due: async (...args) => (pulls.push(args), { rows: [], nextDueAt: null }),
      attempt: async ({ delivery, subscription }) => {
        heard.push(`${delivery.eventId} ${subscription.url}`)
        if (heard.length === 2) throw new Error('a defect')
        return hanging()
      },
    })
    void all.offer(current, aDelivery('a'))
    void all.offer(current, aDelivery('b'))
    current = { ...current, url: 'https://new.example/' }
    t.deepEqual(pulls, [])
    await time.pass(110)
    t.deepEqual(heard.slice(2), ['a https://new.example/', 'b https://new.example/'])
    t.is(stored.at(-1), 'https://new.example/')
    await setImmediate()
    t.deepEqual([faults.length, pulls.length], [1, 1])
  },
)

test('at the end of the process all supervisors end together, and changes are no longer followed', async t => {
  const ends: (() => void)[] = []
  const { all, changes$, rows } = supervisors({
    byId: id => aSubscription({ id }),
    attempt: ({ number }) =>
      new Promise(resolve => ends.push(() => resolve({ attempt: { ...attempt, number }, outcome: anAnswer(200) }))),
  })
  const results = ['sub_1', 'sub_2'].map(id => all.offer(aSubscription({ id }), aDelivery(`e.${id}`)))
  t.true(changes$.observed)
  await setImmediate()
  t.is(ends.length, 2)
  const drained = all.drain()
  t.false(changes$.observed)
  t.is(await soon(drained), 'waits')
  ends.forEach(end => end())
  t.is(await soon(drained), 'ended')
  t.deepEqual([await Promise.all(results), rows.length, all.size], [['recorded', 'recorded'], 2, 0])
})
