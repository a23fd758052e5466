import type { EpochMs } from './time.ts'

/** Which deliveries of the range: by their status, all that are final, or events that have none (`missing`). */
export const replaySelections = ['all', 'delivered', 'dead', 'cancelled', 'missing'] as const
export type ReplaySelection = (typeof replaySelections)[number]

/** Deliveries of one subscription that are sent again: to its url of now, with the keys of now, marked as a replay. */
export interface Replay {
  readonly id: string
  readonly tenant: string
  readonly subscriptionId: string
  readonly from: EpochMs
  /** Not included. */
  readonly to: EpochMs
  readonly selection: ReplaySelection
  readonly perSecond: number
  readonly state: 'running' | 'done' | 'cancelled'
  /** How many there were to be replayed when it began. */
  readonly total: number
  /** Opened so far. */
  readonly opened: number
  /** Left out, since their content is no longer kept. */
  readonly skipped: number
  readonly cursor: ReplayCursor | null
  /** Of the call that asked for it: deliveries that it makes are seen there. */
  readonly traceparent: string
  readonly createdAt: EpochMs
  readonly finishedAt: EpochMs | null
}

/** How far it is: a place in the ledger, or in the stream for missing ones. */
export type ReplayCursor = { readonly createdAt: EpochMs; readonly id: string } | { readonly sequence: number }

/** What has become of the deliveries that a replay opened. */
export interface ReplayProgress {
  readonly delivered: number
  readonly waiting: number
  readonly dead: number
  readonly cancelled: number
}
