import type { EpochMs } from './time.ts'

/** The waiting deliveries of a subscription: pending ones wait for a retry, held ones for capacity or permission. */
export interface Backlog {
  readonly pending: number
  readonly held: number
  /** When the oldest of all of them was accepted. */
  readonly oldestPendingAt: EpochMs | null
}

export const emptyBacklog: Backlog = { pending: 0, held: 0, oldestPendingAt: null }
