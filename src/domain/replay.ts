import type { EpochMs } from './time.ts'

/** The deliveries of the range that a replay selects: by status, all final ones, or events without a delivery (`missing`). */
export const replaySelections = ['all', 'delivered', 'dead', 'cancelled', 'missing'] as const
export type ReplaySelection = (typeof replaySelections)[number]

/** Sends deliveries of one subscription again: to its current url, with the current keys, marked as a replay. */
export interface Replay {
  readonly id: string
  readonly tenant: string
  readonly subscriptionId: string
  readonly from: EpochMs
  /** Exclusive. */
  readonly to: EpochMs
  readonly selection: ReplaySelection
  readonly perSecond: number
  readonly state: 'running' | 'done' | 'cancelled'
  /** The number of selected deliveries at the start. */
  readonly total: number
  /** Opened so far. */
  readonly opened: number
  /** Skipped because their content is no longer stored. */
  readonly skipped: number
  readonly cursor: ReplayCursor | null
  /** The trace of the call that created the replay; its new deliveries belong to it. */
  readonly traceparent: string
  readonly createdAt: EpochMs
  readonly finishedAt: EpochMs | null
}

/** The progress: a position in the ledger, or in the stream for events without a delivery. */
export type ReplayCursor = { readonly createdAt: EpochMs; readonly id: string } | { readonly sequence: number }

/** The results of the deliveries that a replay opened. */
export interface ReplayProgress {
  readonly delivered: number
  readonly waiting: number
  readonly dead: number
  readonly cancelled: number
}
