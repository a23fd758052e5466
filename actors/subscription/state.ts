import type { Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import type { Work } from './protocol.ts'

/** `removed`: the customer deleted the subscription; `draining`: the process is ending; `done`: nothing is in hand any more. */
export type Phase = 'running' | 'removed' | 'draining' | 'done'

/** Everything one supervisor knows. Bounded: the lanes by their limits, `inHand` by what was pulled. */
export interface SubscriptionState {
  readonly phase: Phase
  readonly subscription: Subscription
  /** New events waiting for a slot. */
  readonly fresh: readonly Work[]
  /** Due rows of the ledger waiting for a slot. */
  readonly backlog: readonly Work[]
  /** Which lane gives the next delivery when both wait: they take turns, so each has half the slots. */
  readonly turn: 'fresh' | 'backlog'
  /** POSTs under way. */
  readonly inFlight: number
  /** Rows being written. */
  readonly recording: number
  /** Ids of rows that came from the ledger and are not written back yet: a pull may find them again. */
  readonly inHand: ReadonlySet<string>
  readonly pulling: boolean
  /** Ids written while a pull was under way: what the pull says of them is out of date. */
  readonly outdated: ReadonlySet<string>
  /** When the ledger's next row is due; null when none is known. */
  readonly nextDueAt: EpochMs | null
  /** The clock that is set. */
  readonly wakeAt: EpochMs | null
  /** True since a new event waited longer than it should: later ones go to the ledger at once, until the lanes are empty. */
  readonly congested: boolean
}

export const initialState = (subscription: Subscription, nextDueAt: EpochMs | null): SubscriptionState => ({
  phase: 'running',
  subscription,
  fresh: [],
  backlog: [],
  turn: 'fresh',
  inFlight: 0,
  recording: 0,
  inHand: new Set(),
  pulling: false,
  outdated: new Set(),
  nextDueAt,
  wakeAt: null,
  congested: false,
})

/** Nothing waits, nothing is under way. */
export const isQuiet = (state: SubscriptionState): boolean =>
  state.inFlight === 0 &&
  state.recording === 0 &&
  state.fresh.length === 0 &&
  state.backlog.length === 0 &&
  !state.pulling
