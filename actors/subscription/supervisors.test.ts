import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { Subject } from 'rxjs'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { SubscriptionChange } from '../../src/domain/subscription.ts'
import { systemClock } from '../kit/clock.ts'
import { aDelivery, anAnswer, aSubscription, nothingStored } from '../../test/support/supervised-values.ts'
import { createSupervisors, type SupervisorsPorts } from './supervisors.ts'

const away = new Error('the ledger is away')

const supervisors = (change: Partial<SupervisorsPorts> = {}) => {
  const rows: Delivery[] = []
  const changes$ = new Subject<SubscriptionChange>()
  const faults: unknown[] = []
  const all = createSupervisors({
    attempt: async ({ number }) => ({
      attempt: { number, at: 0, tookMs: 1, url: '', traceId: '', spanId: '' },
      outcome: anAnswer(200),
    }),
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
    onFault: (_, fault) => void faults.push(fault),
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
      return { attempt: { number, at: 0, tookMs: 1, url: '', traceId: '', spanId: '' }, outcome: anAnswer(200) }
    },
  })
  await Promise.all([all.offer(aSubscription(), aDelivery(1)), all.offer(aSubscription(), aDelivery(1))])
  t.is(posts, 1)
  await all.drain()
})

test('a ledger that is away is waited for, and the attempt is not made again', async t => {
  let tries = 0
  const { all, faults } = supervisors({
    record: async row => {
      tries += 1
      if (tries < 3) throw away
      return row
    },
  })
  t.is(await all.offer(aSubscription(), aDelivery(1)), 'recorded')
  t.is(tries, 3)
  t.deepEqual(faults, [])
  await all.drain()
})

test('after a defect a supervisor begins again with what it had in hand', async t => {
  let posts = 0
  const { all, faults, rows } = supervisors({
    attempt: async ({ number }) => {
      posts += 1
      if (posts === 1) throw new Error('a defect')
      return { attempt: { number, at: 0, tookMs: 1, url: '', traceId: '', spanId: '' }, outcome: anAnswer(200) }
    },
  })
  t.is(await all.offer(aSubscription(), aDelivery(1)), 'recorded')
  t.deepEqual([faults.length, rows.length], [1, 1])
  await all.drain()
})

test('a defect that does not pass gives everything back to the stream', async t => {
  const { all, faults } = supervisors({ attempt: () => Promise.reject(new Error('a defect')) })
  t.is(await all.offer(aSubscription(), aDelivery(1)), 'handed_back')
  t.is(faults.length, 6)
  await all.drain()
})

test('a retry that is due tomorrow does not keep the process from its end', async t => {
  const now = Date.now()
  const dayMs = 24 * 60 * 60_000
  const patient = aSubscription({ retry: { delaysMs: [dayMs] } })
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const { all, rows } = supervisors({
    byId: () => patient,
    attempt: async ({ number }) => ({
      attempt: { number, at: now, tookMs: 1, url: '', traceId: '', spanId: '' },
      outcome: anAnswer(503),
    }),
    due: async () => (resolve(), { rows: [], nextDueAt: now + dayMs }),
  })
  await all.offer(patient, aDelivery(1, { createdAt: now }))
  t.is(rows[0]?.status, 'pending')
  t.true((rows[0]?.nextAttemptAt ?? 0) > now + dayMs / 2)
  all.wake('sub_1')
  await asked
  await all.drain()
  t.is(all.size, 0)
})

test('an idle supervisor leaves memory', async t => {
  const { all } = supervisors()
  await all.offer(aSubscription(), aDelivery(1))
  t.is(all.size, 1)
  while (all.size > 0) {
    all.dismissIdle()
    await setImmediate()
  }
  t.pass()
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
  await drained
  t.is(await result, 'handed_back')
})
