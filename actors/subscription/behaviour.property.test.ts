import test from 'ava'
import fc from 'fast-check'
import type { Delivery } from '../../src/domain/delivery.ts'
import { isFinal } from '../../src/domain/delivery.ts'
import { superviseSubscription } from './behaviour.ts'
import { aDelivery, anAnswer, aSubscription, noAnswer, nothingStored } from '../../test/support/supervised-values.ts'
import type { SubscriptionEffect, SubscriptionMessage } from './protocol.ts'
import { initialState } from './state.ts'

/** The others are carried out and not heard of again. */
const answered: ReadonlySet<SubscriptionEffect['type']> = new Set(['post', 'record', 'pull'])
const maxAttempts = 4
const maxInFlight = 3

/** A small world around one supervisor: a ledger in a map, effects answered in any order, time that jumps to what is next. */
const run = (events: number, choices: readonly number[]) => {
  const subscription = aSubscription({ maxInFlight, retry: { delaysMs: [1_000, 2_000, 3_000] } })
  const ledger = new Map<string, Delivery>()
  const posts = new Map<string, number>()
  const underWay: SubscriptionEffect[] = []
  let state = initialState({ subscription, nextDueAt: null, stored: nothingStored })
  let now = 0
  let wakeAt: number | null = null
  let mostInFlight = 0
  let draws = 0
  const draw = (below: number) => (choices[draws++ % choices.length] ?? 0) % below

  const tell = (message: SubscriptionMessage) => {
    const step = superviseSubscription(state, message, { now, chance: draw(100) / 100 })
    state = step.state
    for (const effect of step.effects) {
      if (effect.type === 'wakeAt') wakeAt = effect.at
      else if (answered.has(effect.type)) underWay.push(effect)
    }
    mostInFlight = Math.max(mostInFlight, underWay.filter(({ type }) => type === 'post').length)
  }

  const answer = (effect: SubscriptionEffect) => {
    if (effect.type === 'post') {
      const { work, number } = effect
      const outcome =
        [anAnswer(200), anAnswer(503), noAnswer('timeout'), anAnswer(429, 5_000)][draw(4)] ?? anAnswer(200)
      posts.set(work.delivery.id, (posts.get(work.delivery.id) ?? 0) + 1)
      tell({
        type: 'attempted',
        work,
        outcome,
        attempt: { number, at: now, tookMs: 1, url: '', traceId: '', spanId: '' },
      })
    } else if (effect.type === 'record') {
      ledger.set(effect.row.id, effect.row)
      tell({ type: 'recorded', row: effect.row, stored: effect.stored })
    } else if (effect.type === 'pull') {
      const open = [...ledger.values()].filter(row => row.nextAttemptAt !== null)
      const rows = open.filter(row => (row.nextAttemptAt ?? 0) <= now).slice(0, effect.limit)
      const later = open.map(row => row.nextAttemptAt ?? 0).filter(at => at > now)
      tell({ type: 'pulled', rows, asked: effect.limit, nextDueAt: later.length > 0 ? Math.min(...later) : null })
    }
  }

  let offered = 0
  for (let steps = 0; steps < 5_000; steps += 1) {
    if (offered < events && (underWay.length === 0 || draw(3) === 0))
      tell({ type: 'offered', delivery: aDelivery(offered++) })
    else if (underWay.length > 0) answer(...(underWay.splice(draw(underWay.length), 1) as [SubscriptionEffect]))
    else if (wakeAt !== null) {
      now = Math.max(now, wakeAt)
      wakeAt = null
      tell({ type: 'woke' })
    } else break
  }
  return { ledger, posts, mostInFlight, state, offered }
}

test('every offered delivery settles, is posted at most maxAttempts times, and never more than maxInFlight at once', t => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.nat(1_000), { minLength: 20, maxLength: 200 }),
      (events, choices) => {
        const { ledger, posts, mostInFlight, offered } = run(events, choices)
        const rows = [...ledger.values()]
        return (
          offered === events &&
          ledger.size === events &&
          rows.every(row => isFinal(row.status)) &&
          rows.every(row => row.attempts.length === posts.get(row.id)) &&
          [...posts.values()].every(count => count <= maxAttempts) &&
          mostInFlight <= maxInFlight
        )
      },
    ),
    { numRuns: 300 },
  )
  t.pass()
})

test('a delivered row is never posted again', t => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { minLength: 20, maxLength: 200 }), choices => {
      const { ledger } = run(20, choices)
      return [...ledger.values()].every(row => row.attempts.filter(attempt => attempt.status === 200).length <= 1)
    }),
    { numRuns: 100 },
  )
  t.pass()
})
