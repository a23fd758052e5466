import test from 'ava'
import fc from 'fast-check'
import { type Delivery, isFinal } from '../../src/domain/delivery.ts'
import { superviseSubscription } from './behaviour.ts'
import { aDelivery, anAnswer, aSubscription, noAnswer, nothingStored } from '../../test/support/supervised-values.ts'
import type { StoredState, SubscriptionEffect, SubscriptionMessage } from './protocol.ts'
import { initialState, type SubscriptionState } from './state.ts'

const subscription = aSubscription({ ordering: 'visit', maxInFlight: 3, retry: { delaysMs: [1_000, 2_000, 3_000] } })
const quiet: ReadonlySet<SubscriptionEffect['type']> = new Set([
  'remember',
  'announce',
  'disable',
  'wakeAt',
  'handBack',
])

/** The ledger of one subscription, in memory. */
const createLedger = () => {
  const rows = new Map<string, Delivery>()
  const open = () =>
    [...rows.values()].filter(({ status }) => !isFinal(status)).toSorted((a, b) => a.streamSequence - b.streamSequence)
  return {
    rows,
    stored: (): StoredState => {
      const visits = new Map<string, { visitId: string; open: number; active: boolean }>()
      for (const { visitId, nextAttemptAt } of open()) {
        const known = visits.get(visitId) ?? { visitId, open: 0, active: false }
        visits.set(visitId, { ...known, open: known.open + 1, active: known.active || nextAttemptAt !== null })
      }
      return { ...nothingStored, visits: { visits: [...visits.values()], complete: true } }
    },
    next: (visitId: string) => {
      const row = open().find(each => each.visitId === visitId) ?? null
      return row === null || row.nextAttemptAt === null ? { row, active: false } : { row: null, active: true }
    },
    due: (now: number, limit: number) => {
      const dated = open().filter(row => row.nextAttemptAt !== null)
      const later = dated.map(row => row.nextAttemptAt ?? 0).filter(at => at > now)
      return {
        rows: dated.filter(row => (row.nextAttemptAt ?? 0) <= now).slice(0, limit),
        nextDueAt: later.length > 0 ? Math.min(...later) : null,
      }
    },
  }
}

/**
 * Events of a few visits through one supervisor: attempts fail at random, effects are answered in any order, and now and then the
 * process dies (what was under way is lost, what was not in the ledger is offered again) and another takes over.
 */
const run = (visits: readonly number[], choices: readonly number[]) => {
  const ledger = createLedger()
  const posts: { visit: string; sequence: number }[] = []
  const events = visits.map((visit, index) =>
    aDelivery(`e${index}`, { visitId: `v${visit}`, streamSequence: index, ordered: true }),
  )
  let draws = 0
  const draw = (below: number) => (choices[draws++ % choices.length] ?? 0) % below
  let now = 0
  let offered = 0
  let inHandTo = 0
  let wakeAt: number | null = null
  /** In the end everything goes well: choices that repeat themselves must not keep a run from its end. */
  let calm = false
  let underWay: SubscriptionEffect[] = []
  const begin = (): SubscriptionState => initialState({ subscription, nextDueAt: now, stored: ledger.stored() })
  let state = begin()

  const tell = (message: SubscriptionMessage) => {
    const step = superviseSubscription(state, message, { now, chance: draw(100) / 100 })
    state = step.state
    for (const effect of step.effects) {
      if (effect.type === 'wakeAt') wakeAt = effect.at
      if (!quiet.has(effect.type)) underWay.push(effect)
    }
  }
  const answer = (effect: SubscriptionEffect) => {
    switch (effect.type) {
      case 'post': {
        const { work, number } = effect
        posts.push({ visit: work.delivery.visitId, sequence: work.delivery.streamSequence })
        const outcome = [anAnswer(200), anAnswer(200), anAnswer(503), noAnswer('own_fault'), anAnswer(400)][
          calm ? 0 : draw(5)
        ]
        const attempt = { number, at: now, tookMs: 1, url: '', traceId: '', spanId: `${posts.length}` }
        return tell({ type: 'attempted', work, outcome: outcome ?? anAnswer(200), attempt })
      }
      case 'record':
        ledger.rows.set(effect.row.id, effect.row)
        return tell({ type: 'recorded', row: effect.row, stored: effect.stored })
      case 'pull':
        return tell({ type: 'pulled', ...ledger.due(now, effect.limit), asked: effect.limit })
      case 'readNextOfVisit':
        return tell({ type: 'nextOfVisit', visitId: effect.visitId, ...ledger.next(effect.visitId) })
      default:
        return undefined
    }
  }

  for (let steps = 0; steps < 10_000; steps += 1) {
    const event = events[offered]
    calm = steps > 2_000
    if (draw(60) === 0 && !calm) {
      // kill -9: the stream offers again, in order, what has no row.
      underWay = []
      wakeAt = null
      state = begin()
      tell({ type: 'backlogChanged' })
      inHandTo = Math.max(inHandTo, offered)
      offered = events.findIndex(({ id }) => !ledger.rows.has(id))
      if (offered < 0) offered = events.length
      if (offered >= inHandTo) tell({ type: 'caughtUp' })
    } else if (event !== undefined && (underWay.length === 0 || draw(3) === 0)) {
      offered += 1
      if (!ledger.rows.has(event.id)) tell({ type: 'offered', delivery: event })
      if (offered >= inHandTo) tell({ type: 'caughtUp' })
    } else if (underWay.length > 0) answer(...(underWay.splice(draw(underWay.length), 1) as [SubscriptionEffect]))
    else if (wakeAt !== null) {
      now = Math.max(now, wakeAt)
      wakeAt = null
      tell({ type: 'woke' })
    } else break
  }
  return { posts, rows: [...ledger.rows.values()], state }
}

test('a later event of a visit never overtakes an earlier one, across retries and takeovers, and all come to their end', t => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(4), { minLength: 1, maxLength: 30 }),
      fc.array(fc.nat(1_000), { minLength: 50, maxLength: 300 }),
      (visits, choices) => {
        const { posts, rows } = run(visits, choices)
        const last = new Map<string, number>()
        for (const { visit, sequence } of posts) {
          if (sequence < (last.get(visit) ?? -1)) return false
          last.set(visit, sequence)
        }
        return rows.length === visits.length && rows.every(({ status }) => isFinal(status))
      },
    ),
    { numRuns: 300 },
  )
  t.pass()
})

test('other visits flow while one waits for its retry', t => {
  const ledger = createLedger()
  const posted: string[] = []
  let state = initialState({ subscription, nextDueAt: null, stored: ledger.stored() })
  const tell = (message: SubscriptionMessage): void => {
    const step = superviseSubscription(state, message, { now: 0, chance: 0.5 })
    state = step.state
    for (const effect of step.effects) {
      if (effect.type === 'record') tell({ type: 'recorded', row: effect.row, stored: effect.stored })
      if (effect.type !== 'post') continue
      const { work, number } = effect
      posted.push(work.delivery.eventId)
      const attempt = { number, at: 0, tookMs: 1, url: '', traceId: '', spanId: '' }
      tell({ type: 'attempted', work, outcome: anAnswer(work.delivery.visitId === 'bad' ? 500 : 200), attempt })
    }
  }
  const offer = (event: string, visitId: string) =>
    tell({ type: 'offered', delivery: aDelivery(event, { visitId, ordered: true }) })
  offer('bad-1', 'bad')
  offer('bad-2', 'bad')
  offer('good-1', 'good')
  offer('good-2', 'good')
  t.deepEqual(posted, ['bad-1', 'good-1', 'good-2'])
})
