import type { EpochMs } from '../../src/domain/time.ts'
import type { Work } from './protocol.ts'
import type { SubscriptionState } from './state.ts'

/**
 * How many new events may wait for a slot. As many as a partition has unacknowledged at most, so that one busy subscription alone
 * never overflows; what would be one too many becomes a held row.
 */
export const freshLimit = 512

/** How long a new event may wait for a slot before it becomes a held row: its message occupies the partition's window meanwhile. */
export const patienceMs = 1_000

/** How many due rows are fetched at once: enough to keep the slots busy during the next fetch. */
export const pullLimit = (state: SubscriptionState): number => Math.min(state.subscription.maxInFlight * 2, 200)

/**
 * The next delivery to post, when a slot is free and one waits; fresh events and backlog take turns. As many more may be answered and on
 * their way into the ledger, so that a slow ledger slows the posts down: a crash doubles no more than these two.
 */
export const takeNext = (
  state: SubscriptionState,
): { readonly work: Work; readonly state: SubscriptionState } | null => {
  const { maxInFlight } = state.subscription
  if (state.inFlight >= maxInFlight || state.inFlight + state.recording >= maxInFlight * 2) return null
  const [first, second] = state.turn === 'fresh' ? (['fresh', 'backlog'] as const) : (['backlog', 'fresh'] as const)
  const lane = state[first].length > 0 ? first : second
  const [work, ...rest] = state[lane]
  if (work === undefined) return null
  return {
    work,
    state: { ...state, [lane]: rest, turn: lane === 'fresh' ? 'backlog' : 'fresh', inFlight: state.inFlight + 1 },
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
