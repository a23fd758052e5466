import type { EpochMs } from './time.ts'

/** What the circuit of a subscription looks like from outside. */
export type CircuitPhase = 'closed' | 'open' | 'half-open'

/** How an endpoint has behaved: outlives the supervisor, so that a restart or a takeover does not begin anew. */
export interface SubscriptionHealth {
  readonly subscriptionId: string
  readonly circuit: StoredCircuit
  /** First failure since the last success; null while it is well. */
  readonly failingSince: EpochMs | null
  /** How many of the notices before disabling were given. */
  readonly notices: number
  /** 410 answers since the last other one. */
  readonly gone: number
  readonly updatedAt: EpochMs
}

export interface StoredCircuit {
  readonly phase: CircuitPhase
  readonly since: EpochMs
  /** When an open circuit lets a probe through. */
  readonly until: EpochMs | null
  /** How often in a row it opened: the wait doubles each time. */
  readonly times: number
  /** In an end user's words. */
  readonly reason: string | null
}
