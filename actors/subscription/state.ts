import type { SubscriptionHealth } from '../../src/domain/health.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import { type Circuit, closedCircuit, fromStored, toStored } from './circuit.ts'
import { type Failing, well } from './failing.ts'
import { type InFlightLimit, limitAtStart, ramp } from './in-flight.ts'
import { noOrder, type Order, orderFrom } from './order.ts'
import type { StoredState, Work } from './protocol.ts'
import { fullBucket, type TokenBucket } from './rate.ts'

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
  /** Answered rows being written. */
  readonly recording: number
  /** New rows being written that wait in the ledger. */
  readonly holding: number
  /** Ids of rows that came from the ledger and are not written back yet: a pull may find them again. */
  readonly inHand: ReadonlySet<string>
  readonly pulling: boolean
  /** True when rows changed while a pull was under way: it is asked again. */
  readonly distrusted: boolean
  /** Ids written while a pull was under way: what the pull says of them is out of date. */
  readonly outdated: ReadonlySet<string>
  /** When the ledger's next row is due; null when none is known. */
  readonly nextDueAt: EpochMs | null
  /** The clock that is set. */
  readonly wakeAt: EpochMs | null
  /** True since a new event waited longer than it should: later ones go to the ledger at once, until the lanes are empty. */
  readonly congested: boolean
  readonly circuit: Circuit
  readonly limit: InFlightLimit
  readonly bucket: TokenBucket
  /** The receiver asked for silence until then (Retry-After). */
  readonly notBefore: EpochMs
  readonly failing: Failing
  /** When an attempt failed or was slow last; null when none is known. */
  readonly troubledAt: EpochMs | null
  readonly order: Order
}

export interface Beginning {
  readonly subscription: Subscription
  readonly nextDueAt: EpochMs | null
  readonly stored: StoredState
}

export const initialState = ({ subscription, nextDueAt, stored }: Beginning): SubscriptionState => ({
  phase: 'running',
  subscription,
  fresh: [],
  backlog: [],
  turn: 'fresh',
  inFlight: 0,
  recording: 0,
  holding: 0,
  inHand: new Set(),
  pulling: false,
  distrusted: false,
  outdated: new Set(),
  nextDueAt,
  wakeAt: null,
  congested: false,
  ...behaviourOf(stored.health),
  bucket: fullBucket,
  notBefore: 0,
  order: stored.turns === null ? noOrder : orderFrom(stored.turns, false),
})

/** An endpoint that was in trouble is begun with carefully. */
const behaviourOf = (health: SubscriptionHealth | null) => {
  if (health === null) return { circuit: closedCircuit(0), limit: limitAtStart, failing: well, troubledAt: null }
  const { failingSince: since, notices, gone, updatedAt } = health
  const circuit = fromStored(health.circuit)
  return {
    circuit,
    limit: circuit.phase === 'closed' ? limitAtStart : ramp(limitAtStart),
    failing: { since, notices, gone, stored: true },
    troubledAt: since === null && circuit.phase === 'closed' ? null : updatedAt,
  }
}

/** What outlives the supervisor. */
export const healthOf = (state: SubscriptionState, now: EpochMs): SubscriptionHealth => ({
  subscriptionId: state.subscription.id,
  circuit: toStored(state.circuit),
  failingSince: state.failing.since,
  notices: state.failing.notices,
  gone: state.failing.gone,
  updatedAt: now,
})

/** Nothing waits, nothing is under way. */
export const isQuiet = (state: SubscriptionState): boolean =>
  state.inFlight === 0 &&
  state.recording === 0 &&
  state.holding === 0 &&
  state.fresh.length === 0 &&
  state.backlog.length === 0 &&
  !state.pulling
