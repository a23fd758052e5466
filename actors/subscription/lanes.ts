import type { EpochMs } from '../../src/domain/time.ts'
import { gateOf } from './gate.ts'
import { slots } from './in-flight.ts'
import type { Work } from './protocol.ts'
import { hasToken, spend } from './rate.ts'
import type { SubscriptionState } from './state.ts'

/** How many new events may wait for a slot: half of what a partition has unacknowledged at most, so that no subscription fills it alone. */
export const freshLimit = 256

/** How long a new event may wait for a slot before it becomes a held row: its message occupies the partition's window meanwhile. */
export const patienceMs = 200

/** Attempts that may be under way now: one probe while the circuit is half-open. */
export const room = (state: SubscriptionState): number =>
  state.circuit.phase === 'half-open' ? 1 : slots(state.limit, state.subscription.maxInFlight)

/** How many due rows are fetched at once: enough to keep the slots busy during the next fetch. */
export const pullLimit = (state: SubscriptionState): number => Math.min(room(state) * 2, 200)

/**
 * The next delivery to post, when the gate is open, a slot and a token are free, and one waits. Fresh events and backlog take turns
 * while both wait, so each has half the slots and half the rate. As many more may be answered and on their way into the ledger, so that
 * a slow ledger slows the posts down: a crash doubles no more than these two.
 */
export const takeNext = (
  state: SubscriptionState,
  now: EpochMs,
): { readonly work: Work; readonly state: SubscriptionState } | null => {
  const limit = room(state)
  if (state.inFlight >= limit || state.inFlight + state.recording >= Math.max(2, limit * 2)) return null
  const gate = gateOf(state, now)
  if (!gate.open || !hasToken(state.bucket)) return null
  const [first, second] = state.turn === 'fresh' ? (['fresh', 'backlog'] as const) : (['backlog', 'fresh'] as const)
  // A probe is the oldest that waits: the backlog's first.
  const preferred = gate.probe ? 'backlog' : first
  const lane = state[preferred].length > 0 ? preferred : preferred === first ? second : first
  const [work] = state[lane]
  if (work === undefined) return null
  return {
    work: gate.probe ? { ...work, probe: true } : work,
    state: {
      ...state,
      [lane]: state[lane].slice(1),
      turn: lane === 'fresh' ? 'backlog' : 'fresh',
      inFlight: state.inFlight + 1,
      bucket: spend(state.bucket),
    },
  }
}

/** Splits off the new events that have waited too long, and says whether later ones should wait at all. */
export const splitImpatient = (
  state: SubscriptionState,
  now: EpochMs,
): { readonly impatient: readonly Work[]; readonly state: SubscriptionState } => {
  const oldest = state.fresh[0]
  if (oldest === undefined || now - oldest.since < patienceMs) return { impatient: [], state }
  const impatient = state.fresh.filter(work => now - work.since >= patienceMs)
  return { impatient, state: { ...state, fresh: state.fresh.slice(impatient.length), congested: true } }
}
