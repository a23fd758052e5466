import type { CircuitPhase } from './health.ts'

/** The current work of one supervisor in this process, for metrics. */
export interface Supervised {
  readonly id: string
  readonly tenant: string
  readonly inFlight: number
  readonly inFlightLimit: number
  /** Deliveries in memory that wait for a slot or a token. */
  readonly waiting: number
  readonly circuit: CircuitPhase
}
