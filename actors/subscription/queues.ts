import type { EpochMs } from '../../src/domain/time.ts'
import { gateOf } from './gate.ts'
import { slots } from './in-flight.ts'
import type { Work } from './protocol.ts'
import { hasToken, spend } from './rate.ts'
import type { SubscriptionState } from './state.ts'

/** Most new events that wait for a slot: half of a partition's window, so that no subscription fills it alone. */
export const freshLimit = 256

/** How long a new event may wait for a slot before it becomes a held row: while it waits, its message occupies the partition's window. */
export const patienceMs = 200

/** Returns how many attempts may be under way now: one while the circuit is half-open, or after a fault of our own. */
export const room = (state: SubscriptionState): number =>
  state.circuit.phase === 'half-open' || state.ownFaults.inARow > 0
    ? 1
    : slots(state.limit, state.subscription.maxInFlight)

/** Returns how many due rows to fetch at once: enough to keep the slots busy during the next fetch. */
export const pullLimit = (state: SubscriptionState): number => Math.min(room(state) * 2, 200)

/**
 * Takes the next delivery to post, if the gate is open and a slot and a token are free. While both queues have deliveries they alternate, so
 * that each gets half the slots and half the rate. At most twice as many deliveries as there are slots may be posted or not yet recorded, so
 * that a slow ledger slows the posts down: after a crash, no more than these are posted again.
 */
export const takeNext = (
  state: SubscriptionState,
  now: EpochMs,
): { readonly work: Work; readonly state: SubscriptionState } | null => {
  const limit = room(state)
  if (state.inFlight >= limit || state.inFlight + state.recording >= limit * 2) return null
  const gate = gateOf(state, now)
  if (!gate.open || !hasToken(state.bucket)) return null
  const [first, second] =
    state.nextQueue === 'fresh' ? (['fresh', 'backlog'] as const) : (['backlog', 'fresh'] as const)
  // A probe is the delivery that has been due longest, which is the first of the backlog. A new event does not go before rows that are about to be read.
  const isComing = state.pulling || (state.nextDueAt !== null && state.nextDueAt <= now)
  if (gate.probe && state.backlog.length === 0 && isComing) return null
  const preferred = gate.probe ? 'backlog' : first
  const queue = state[preferred].length > 0 ? preferred : preferred === first ? second : first
  const [work] = state[queue]
  if (work === undefined) return null
  return {
    work: gate.probe ? { ...work, probe: true } : work,
    state: {
      ...state,
      [queue]: state[queue].slice(1),
      nextQueue: queue === 'fresh' ? 'backlog' : 'fresh',
      inFlight: state.inFlight + 1,
      bucket: spend(state.bucket),
    },
  }
}

/** Splits off the new events that have waited too long. Once there are any, later events do not wait at all (`congested`). */
export const splitImpatient = (
  state: SubscriptionState,
  now: EpochMs,
): { readonly impatient: readonly Work[]; readonly state: SubscriptionState } => {
  const oldest = state.fresh[0]
  if (oldest === undefined || now - oldest.since < patienceMs) return { impatient: [], state }
  const impatient = state.fresh.filter(work => now - work.since >= patienceMs)
  return { impatient, state: { ...state, fresh: state.fresh.slice(impatient.length), congested: true } }
}
