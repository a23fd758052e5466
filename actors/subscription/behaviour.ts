import type { Delivery } from '../../src/domain/delivery.ts'
import { verdictOf } from '../../src/domain/outcome.ts'
import type { EpochMs, Moment } from '../../src/domain/time.ts'
import type { Behaviour, Step } from '../kit/behaviour.ts'
import { freshLimit, patienceMs, pullLimit, splitImpatient, takeNext } from './lanes.ts'
import type { SubscriptionEffect, SubscriptionMessage, Work } from './protocol.ts'
import { cancelForRemoval, holdForRoom, settle } from './settle.ts'
import { isQuiet, type SubscriptionState } from './state.ts'

type SubscriptionStep = Step<SubscriptionState, SubscriptionEffect>

/** Decides what becomes of each delivery of one subscription: post it, hold it, try again later, or give up. */
export const superviseSubscription: Behaviour<SubscriptionState, SubscriptionMessage, SubscriptionEffect> = (
  state,
  message,
  moment,
) => {
  const { state: heard, effects } = hear(state, message, moment)
  return proceed(heard, effects, moment)
}

/** What the message itself changes. */
const hear = (state: SubscriptionState, message: SubscriptionMessage, moment: Moment): SubscriptionStep => {
  switch (message.type) {
    case 'offered':
      return offered(state, message.delivery, moment)
    case 'attempted':
      return attempted(state, message, moment)
    case 'recorded':
      return just(recorded(state, message))
    case 'pulled':
      return just(pulled(state, message, moment))
    case 'woke':
      return just({ ...state, wakeAt: null })
    case 'backlogChanged':
      return just({ ...state, nextDueAt: earliest(state.nextDueAt, moment.now) })
    case 'configured':
      return just({ ...state, subscription: message.subscription })
    case 'removed':
      return removed(state, moment)
    case 'drain':
      return drained(state)
    case 'idled':
      return just(isQuiet(state) && state.nextDueAt === null ? { ...state, phase: 'done' } : state)
  }
}

/** What is to be done now, whatever was heard: fill free slots, let nobody wait too long, fetch what is due, set the clock. */
const proceed = (heard: SubscriptionState, orders: readonly SubscriptionEffect[], moment: Moment): SubscriptionStep => {
  const effects = [...orders]
  let state = heard

  for (let next = takeNext(state); next !== null; next = takeNext(state)) {
    state = next.state
    effects.push(post(state, next.work))
  }

  const { impatient, state: patient } = splitImpatient(state, moment.now)
  state = patient
  for (const { delivery } of impatient) {
    state = { ...state, recording: state.recording + 1 }
    effects.push({ type: 'record', row: holdForRoom(delivery, moment.now), stored: false })
  }
  if (state.congested && state.fresh.length === 0 && state.inFlight < state.subscription.maxInFlight)
    state = { ...state, congested: false }

  if (
    state.phase === 'running' &&
    !state.pulling &&
    state.backlog.length === 0 &&
    isDue(state, moment.now) &&
    hasRoom(state)
  ) {
    // What becomes due from here on is noted anew; the pull answers for all before.
    state = { ...state, pulling: true, outdated: new Set(), nextDueAt: null }
    effects.push({ type: 'pull', limit: pullLimit(state) + state.inHand.size })
  }

  const wakeAt = nextMoment(state, moment.now)
  if (wakeAt !== null && wakeAt !== state.wakeAt) {
    state = { ...state, wakeAt }
    effects.push({ type: 'wakeAt', at: wakeAt })
  }
  if ((state.phase === 'draining' || state.phase === 'removed') && isQuiet(state)) state = { ...state, phase: 'done' }
  return { state, effects }
}

const post = (state: SubscriptionState, work: Work): SubscriptionEffect => ({
  type: 'post',
  work,
  subscription: state.subscription,
  number: work.delivery.attempts.length + 1,
})

const offered = (state: SubscriptionState, delivery: Delivery, { now }: Moment): SubscriptionStep => {
  if (state.phase === 'removed') return record(state, cancelForRemoval(delivery, now), false)
  if (state.phase !== 'running') return { state, effects: [{ type: 'handBack', deliveryId: delivery.id }] }
  if (state.congested || state.fresh.length >= freshLimit) return record(state, holdForRoom(delivery, now), false)
  return just({ ...state, fresh: [...state.fresh, { delivery, stored: false, since: now }] })
}

const attempted = (
  state: SubscriptionState,
  message: SubscriptionMessage & { type: 'attempted' },
  moment: Moment,
): SubscriptionStep => {
  const { work, outcome } = message
  const free = { ...state, inFlight: state.inFlight - 1 }
  // An ending process must not write what it did not find out: a new event goes back to the stream, a stored row is still due.
  if (state.phase === 'draining' && verdictOf(outcome) === 'own_fault')
    return work.stored
      ? just(letGo(free, work.delivery.id))
      : { state: free, effects: [{ type: 'handBack', deliveryId: work.delivery.id }] }
  const row = settle(work.delivery, state.subscription, message, moment)
  const gone = state.phase === 'removed' && row.nextAttemptAt !== null
  return record(free, gone ? cancelForRemoval(row, moment.now) : row, work.stored)
}

const recorded = (
  state: SubscriptionState,
  { row, stored }: SubscriptionMessage & { type: 'recorded' },
): SubscriptionState => ({
  // A new row may have been pulled before this was heard: then it is in hand again, and stays there.
  ...(stored ? letGo(state, row.id) : state),
  recording: state.recording - 1,
  outdated: stored && state.pulling ? new Set([...state.outdated, row.id]) : state.outdated,
  nextDueAt: row.nextAttemptAt === null ? state.nextDueAt : earliest(state.nextDueAt, row.nextAttemptAt),
})

const pulled = (
  state: SubscriptionState,
  message: SubscriptionMessage & { type: 'pulled' },
  { now }: Moment,
): SubscriptionState => {
  const arrived = { ...state, pulling: false, outdated: new Set<string>() }
  if (state.phase !== 'running') return arrived
  const rows = message.rows.filter(row => !state.inHand.has(row.id) && !state.outdated.has(row.id))
  const laterAt = message.rows.length >= message.asked ? now : message.nextDueAt
  return {
    ...arrived,
    backlog: [...state.backlog, ...rows.map((delivery): Work => ({ delivery, stored: true, since: now }))],
    inHand: new Set([...state.inHand, ...rows.map(row => row.id)]),
    nextDueAt: laterAt === null ? state.nextDueAt : earliest(state.nextDueAt, laterAt),
  }
}

/** The ledger's rows of a deleted subscription are cancelled all together by whoever removes it; these hands cancel the rest. */
const removed = (state: SubscriptionState, { now }: Moment): SubscriptionStep => ({
  state: {
    ...state,
    phase: 'removed',
    fresh: [],
    backlog: [],
    inHand: new Set(),
    nextDueAt: null,
    recording: state.recording + state.fresh.length,
  },
  effects: state.fresh.map(({ delivery }) => ({ type: 'record', row: cancelForRemoval(delivery, now), stored: false })),
})

const drained = (state: SubscriptionState): SubscriptionStep => ({
  state: { ...state, phase: 'draining', fresh: [], backlog: [], nextDueAt: null },
  effects: state.fresh.map(({ delivery }) => ({ type: 'handBack', deliveryId: delivery.id })),
})

const just = (state: SubscriptionState): SubscriptionStep => ({ state, effects: [] })

const record = (state: SubscriptionState, row: Delivery, stored: boolean): SubscriptionStep => ({
  state: { ...state, recording: state.recording + 1 },
  effects: [{ type: 'record', row, stored }],
})

const letGo = (state: SubscriptionState, id: string): SubscriptionState => {
  if (!state.inHand.has(id)) return state
  const inHand = new Set(state.inHand)
  inHand.delete(id)
  return { ...state, inHand }
}

const isDue = (state: SubscriptionState, now: EpochMs): boolean => state.nextDueAt !== null && state.nextDueAt <= now

/** Rows in hand are bounded too: a slow ledger must not let them pile up. */
const hasRoom = (state: SubscriptionState): boolean =>
  state.inFlight < state.subscription.maxInFlight && state.inHand.size < state.subscription.maxInFlight * 4

const earliest = (a: EpochMs | null, b: EpochMs): EpochMs => (a === null ? b : Math.min(a, b))

/** When something is to be done although nothing is heard. What is due already waits for room, not for a clock. */
const nextMoment = (state: SubscriptionState, now: EpochMs): EpochMs | null => {
  const oldest = state.fresh[0]
  const impatientAt = oldest === undefined ? null : oldest.since + patienceMs
  const dueAt = state.nextDueAt !== null && state.nextDueAt > now ? state.nextDueAt : null
  return dueAt === null ? impatientAt : earliest(impatientAt, dueAt)
}
