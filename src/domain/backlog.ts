import type { EpochMs } from './time.ts'

/** What waits for a subscription: for a retry, and for room or permission; since when, of both. */
export interface Backlog {
  readonly pending: number
  readonly held: number
  readonly oldestPendingAt: EpochMs | null
}

export const emptyBacklog: Backlog = { pending: 0, held: 0, oldestPendingAt: null }
