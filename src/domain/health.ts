import type { EpochMs } from './time.ts'

/** The state of a subscription's circuit, as the API shows it. */
export type CircuitPhase = 'closed' | 'open' | 'half-open'

/** The history of an endpoint. It outlives the supervisor, so that a restart or a takeover continues from it. */
export interface SubscriptionHealth {
  readonly subscriptionId: string
  readonly circuit: StoredCircuit
  /** First failure since the last success; null while the endpoint is healthy. */
  readonly failingSince: EpochMs | null
  /** How many of the notices before disabling were published. */
  readonly notices: number
  /** The number of 410 answers since the last other answer. */
  readonly gone: number
  readonly updatedAt: EpochMs
}

export interface StoredCircuit {
  readonly phase: CircuitPhase
  readonly since: EpochMs
  /** When an open circuit lets a probe through. */
  readonly until: EpochMs | null
  /** How often in a row it opened; the wait doubles each time. */
  readonly times: number
  /** For end users. */
  readonly reason: string | null
}
