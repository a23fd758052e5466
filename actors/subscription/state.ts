import type { SubscriptionHealth } from '../../src/domain/health.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import { type Circuit, closedCircuit, fromStored, toStored } from './circuit.ts'
import { type Failing, healthy } from './failing.ts'
import { type InFlightLimit, limitAtStart, ramp } from './in-flight.ts'
import { noOrder, type Order, orderFrom } from './order.ts'
import { noOwnFaults, type OwnFaults } from './own-faults.ts'
import type { StoredState, Work } from './protocol.ts'
import { fullBucket, type TokenBucket } from './rate.ts'

/** `removed`: the customer deleted the subscription; `draining`: the process ends; `done`: nothing is in hand. */
export type Phase = 'running' | 'removed' | 'draining' | 'done'

/** The state of one supervisor. It is bounded: the queues have limits, and `inHand` holds only pulled rows. */
export interface SubscriptionState {
  readonly phase: Phase
  readonly subscription: Subscription
  /** New events waiting for a slot. */
  readonly fresh: readonly Work[]
  /** Due rows of the ledger waiting for a slot. */
  readonly backlog: readonly Work[]
  /** The queue of the next delivery while both have some: they alternate, so that each gets half the slots. */
  readonly nextQueue: 'fresh' | 'backlog'
  /** POSTs under way. */
  readonly inFlight: number
  /** Answered rows being written. */
  readonly recording: number
  /** New rows being written that wait in the ledger. */
  readonly holding: number
  /** Ids of rows that came from the ledger and are not written back yet; a pull may find them again. */
  readonly inHand: ReadonlySet<string>
  readonly pulling: boolean
  /** True when rows changed while a pull was under way: its result is discarded, and the rows are pulled again. */
  readonly pullAgain: boolean
  /** Ids of rows that were written while a pull was under way; its result is out of date for them. */
  readonly outdated: ReadonlySet<string>
  /** When the ledger's next row is due; null if unknown. */
  readonly nextDueAt: EpochMs | null
  /** The moment for which the timer is set. */
  readonly wakeAt: EpochMs | null
  /** True after a new event waited too long: later ones go to the ledger at once, until nothing waits. */
  readonly congested: boolean
  readonly circuit: Circuit
  readonly limit: InFlightLimit
  readonly bucket: TokenBucket
  /** Nothing is posted before this moment, because the receiver sent a Retry-After. */
  readonly notBefore: EpochMs
  /** Faults of our own: they pause the attempts, and say nothing about the endpoint. */
  readonly ownFaults: OwnFaults
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
  nextQueue: 'fresh',
  inFlight: 0,
  recording: 0,
  holding: 0,
  inHand: new Set(),
  pulling: false,
  pullAgain: false,
  outdated: new Set(),
  nextDueAt,
  wakeAt: null,
  congested: false,
  ...endpointState(stored.health),
  bucket: fullBucket,
  notBefore: 0,
  ownFaults: noOwnFaults,
  order: stored.visits === null ? noOrder : orderFrom(stored.visits, false),
})

/** An endpoint that was failing starts with a low in-flight limit. */
const endpointState = (health: SubscriptionHealth | null) => {
  if (health === null) return { circuit: closedCircuit(0), limit: limitAtStart, failing: healthy, troubledAt: null }
  const { failingSince: since, notices, gone, updatedAt } = health
  const circuit = fromStored(health.circuit)
  return {
    circuit,
    limit: circuit.phase === 'closed' ? limitAtStart : ramp(limitAtStart),
    failing: { since, notices, gone, stored: true },
    troubledAt: since === null && circuit.phase === 'closed' ? null : updatedAt,
  }
}

/** Returns the part of the state that is stored and outlives the supervisor. */
export const healthOf = (state: SubscriptionState, now: EpochMs): SubscriptionHealth => ({
  subscriptionId: state.subscription.id,
  circuit: toStored(state.circuit),
  failingSince: state.failing.since,
  notices: state.failing.notices,
  gone: state.failing.gone,
  updatedAt: now,
})

/** True when nothing waits and nothing is under way. */
export const isQuiet = (state: SubscriptionState): boolean =>
  state.inFlight === 0 &&
  state.recording === 0 &&
  state.holding === 0 &&
  state.fresh.length === 0 &&
  state.backlog.length === 0 &&
  !state.pulling
