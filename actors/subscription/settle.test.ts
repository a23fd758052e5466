import test from 'ava'
import { aDelivery, anAnswer, aSubscription, noAnswer } from '../../test/support/supervised-values.ts'
import { attempted, drive, offered, recorded } from '../../test/support/supervisor-driver.ts'
import type { Attempt, Delivery } from '../../src/domain/delivery.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { cancel, hold, isExpired, settle } from './settle.ts'

const attempt = (number = 1, at = 900): Attempt => ({ number, at, tookMs: 5, url: '', traceId: '', spanId: '' })
const moment = { now: 1_000, chance: 0.5 }
const settled = (outcome: Outcome, delivery: Partial<Delivery> = {}, subscription = {}, tried = attempt()) =>
  settle(
    aDelivery(1, delivery),
    aSubscription({ retry: { delaysMs: [600_000, 1_200_000] }, ...subscription }),
    { attempt: tried, outcome },
    moment,
  )

test('the row after an attempt holds the attempt, the result, and nothing that it no longer needs', t => {
  const { body: _, ...rest } = aDelivery(1)
  const before = { reason: 'over_capacity', ownFaults: 3, revision: 7 } as const
  t.deepEqual(settled(anAnswer(200), before), {
    ...rest,
    status: 'delivered',
    nextAttemptAt: null,
    attempts: [attempt()],
    revision: 8,
    updatedAt: 1_000,
  })
  t.deepEqual(settled(anAnswer(500), before), {
    ...rest,
    body: '{}',
    status: 'pending',
    nextAttemptAt: 601_000,
    attempts: [attempt()],
    revision: 8,
    updatedAt: 1_000,
  })
  t.deepEqual(settled(anAnswer(500), before, { retry: { delaysMs: [] } }), {
    ...rest,
    body: '{}',
    status: 'dead',
    reason: 'exhausted',
    nextAttemptAt: null,
    attempts: [attempt()],
    revision: 8,
    updatedAt: 1_000,
  })
})

const redirect = (number: number, status: number, location?: string): Attempt => ({
  ...attempt(number),
  status,
  ...(location === undefined ? {} : { location }),
})
const there = 'https://elsewhere.example/done'

test('the second 302 or 303 with the same target ends the delivery; the first one, and one that leads elsewhere, is tried again', t => {
  for (const status of [302, 303]) {
    const after = (before: readonly Attempt[], last: Attempt, change: Partial<Delivery> = {}) =>
      settled(anAnswer(status), { attempts: before, ...change }, { retry: { delaysMs: [1, 1, 1, 1, 1] } }, last)
    t.like(after([], redirect(1, status, there)), { status: 'pending' })
    t.like(after([redirect(1, status, there)], redirect(2, status, there)), {
      status: 'dead',
      reason: 'redirected',
      nextAttemptAt: null,
      body: '{}',
    })
    t.like(after([redirect(1, status)], redirect(2, status)), { status: 'dead', reason: 'redirected' })
    t.like(after([redirect(1, status, there), redirect(2, 500)], redirect(3, status, there)), { status: 'dead' })
    t.like(after([redirect(1, status, `${there}/other`)], redirect(2, status, there)), { status: 'pending' })
    t.like(after([redirect(1, 301, there)], redirect(2, status, there)), { status: 'pending' })
    const sentAgain = { earlierAttempts: 2 }
    const earlier = [redirect(1, status, there), redirect(2, status, there)]
    t.like(after(earlier, redirect(3, status, there), sentAgain), { status: 'pending' }, 'a user sent it again')
    t.like(after([...earlier, redirect(3, status, there)], redirect(4, status, there), sentAgain), { status: 'dead' })
  }
})

test('301, 307 and 308 are tried again by the policy: nothing was done, and the url may change', t => {
  for (const status of [301, 307, 308])
    t.like(settled(anAnswer(status), { attempts: [redirect(1, status, there)] }, {}, redirect(2, status, there)), {
      status: 'pending',
    })
})

test('an attempt that failed on our side does not count; it is made again after 5 s, doubling to 5 min', t => {
  const own = (ownFaults?: number) => settled(noAnswer('own_fault'), ownFaults === undefined ? {} : { ownFaults })
  t.deepEqual(own(), {
    ...aDelivery(1),
    status: 'pending',
    reason: 'own_fault',
    nextAttemptAt: 6_000,
    attempts: [],
    ownFaults: 1,
    revision: 1,
    updatedAt: 1_000,
  })
  t.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 60].map(times => ((own(times).nextAttemptAt ?? 0) - 1_000) / 1_000),
    [5, 10, 20, 40, 80, 160, 300, 300],
  )
  t.is(own(4).ownFaults, 5)
})

test('a Retry-After of a 429 or a 503 moves the delivery; that of any other answer, as of a proxy, does not', t => {
  for (const status of [429, 503]) t.is(settled(anAnswer(status, 3_600_000)).nextAttemptAt, 3_601_000, String(status))
  const usual = settled(anAnswer(500)).nextAttemptAt
  for (const status of [301, 400, 404, 410, 500, 502, 504])
    t.is(settled(anAnswer(status, 3_600_000)).nextAttemptAt, usual, String(status))
})

test('a delivery that is sent again begins with the first delay of the policy, and may be tried as often as a new one', t => {
  const earlier = { attempts: [attempt(1, 0), attempt(2, 0), attempt(3, 0)], earlierAttempts: 3 }
  const after = (number: number) => settled(anAnswer(500), earlier, {}, attempt(number))
  t.is(after(4).nextAttemptAt, 601_000)
  t.is(after(5).nextAttemptAt, 1_201_000)
  t.is(after(6).status, 'dead')
})

test('a policy gives up so long after the first attempt of its round', t => {
  const retry = { maxAttempts: 9, firstDelayMs: 600_000, factor: 1, maxDelayMs: 600_000, giveUpAfterMs: 700_000 }
  const begun = (at: number) => settled(anAnswer(500), { attempts: [attempt(1, at)] }, { retry }, attempt(2)).status
  t.is(begun(-99_000), 'pending')
  t.is(begun(-99_001), 'dead')
  t.is(settled(anAnswer(500), {}, { retry }, attempt(1, -99_001)).status, 'dead', 'also after its first attempt')
  const resent = { attempts: [attempt(1, -9_999_999)], earlierAttempts: 1 }
  t.is(settled(anAnswer(500), resent, { retry }, attempt(2)).status, 'pending')
  const third = { attempts: [attempt(1, -9_999_999), attempt(2, -99_001)], earlierAttempts: 1 }
  t.is(settled(anAnswer(500), third, { retry }, attempt(3)).status, 'dead')
})

test('an event that expires before its next attempt is due at its expiry, not at the attempt', t => {
  const due = (delivery: Partial<Delivery>, expiresAfterMs = 60_000) =>
    settled(anAnswer(500), { createdAt: 500, ...delivery }, { expiresAfterMs }).nextAttemptAt
  t.is(due({}), 60_501)
  t.is(due({}, 999_000), 601_000)
  t.is(due({ kind: 'replay' }), 601_000)
  t.is(due({ earlierAttempts: 0 }), 601_000)
})

test('an event expires after expiresAfterMs, but one that a user sent again or replays does not', t => {
  const expired = (now: number, change: Partial<Delivery> = {}) =>
    isExpired(aDelivery(1, { createdAt: 500, ...change }), aSubscription({ expiresAfterMs: 60_000 }), now)
  t.deepEqual([expired(60_500), expired(60_501)], [false, true])
  t.false(expired(99_999_999, { kind: 'replay' }))
  t.false(expired(99_999_999, { earlierAttempts: 1 }))
  t.false(isExpired(aDelivery(1), aSubscription(), 99_999_999))
})

test('a held row is due at once, unless it waits for its turn', t => {
  const expected = { ...aDelivery(1), status: 'held', revision: 1, updatedAt: 1_000 } as const
  for (const reason of ['over_capacity', 'rate_limited', 'retry_after', 'circuit_open', 'paused', 'disabled'] as const)
    t.deepEqual(hold(aDelivery(1, { reason: 'replay' }), reason, 1_000), { ...expected, reason, nextAttemptAt: 1_000 })
  t.deepEqual(hold(aDelivery(1), 'waiting_turn', 1_000), { ...expected, reason: 'waiting_turn', nextAttemptAt: null })
})

test('a row that ends without an attempt: expired is dead and can be sent again, deleted is cancelled', t => {
  const expected = { ...aDelivery(1), nextAttemptAt: null, revision: 1, updatedAt: 1_000 }
  t.deepEqual(cancel(aDelivery(1, { reason: 'paused' }), 'expired', 1_000), {
    ...expected,
    status: 'dead',
    reason: 'expired',
  })
  const { body: _, ...bare } = expected
  t.deepEqual(cancel(aDelivery(1), 'subscription_deleted', 1_000), {
    ...bare,
    status: 'cancelled',
    reason: 'subscription_deleted',
  })
  t.false('body' in cancel({ ...bare, status: 'held' }, 'expired', 1_000))
})

test('an event that has expired is ended, not posted, and its slot and its token go to the next one', t => {
  const actor = drive({ maxInFlight: 1, ratePerSecond: 1, expiresAfterMs: 500 })
  const [record, ...others] = actor.ask(offered('old'), 'record')
  t.deepEqual(others, [])
  t.like(record, { row: { status: 'dead', reason: 'expired', updatedAt: 1_000 }, stored: false })
  t.is(actor.ask(offered('new', { createdAt: 900 }), 'post').length, 1)
  t.like(actor.state(), { inFlight: 1, recording: 1 })
  actor.tell(recorded(record))
  t.is(actor.state().recording, 0)
})

test('an event that expires between two attempts is dead at its expiry', t => {
  const actor = drive({ expiresAfterMs: 60_000, retry: { delaysMs: [3_600_000] } })
  const [post] = actor.ask(offered(1, { createdAt: 1_000 }), 'post')
  const [pending] = actor.ask(attempted(post, anAnswer(500)), 'record')
  t.deepEqual(actor.ask(recorded(pending), 'wakeAt'), [{ type: 'wakeAt', at: 61_001 }])
  actor.at(61_001)
  t.is(actor.ask({ type: 'woke' }, 'pull').length, 1)
  const effects = actor.pulled(pending === undefined ? [] : [pending.row])
  t.like(effects[0], { type: 'record', row: { status: 'dead', reason: 'expired' }, stored: true })
  t.is(effects.filter(({ type }) => type === 'post').length, 0)
})
