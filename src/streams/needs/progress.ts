import type { EpochMs } from '../../domain/time.ts'

/** How far the stream was processed: what NATS itself forgets when a consumer or the stream is lost. */
export interface Progress {
  /** By partition: every message up to this sequence is in rows. */
  readonly processed: ReadonlyMap<number, number>
  /** The highest sequence of the stream that was seen, and when. Null: none is known. */
  readonly highest: { readonly sequence: number; readonly at: EpochMs } | null
}

/** Keeps the progress outside of NATS. */
export interface ProgressStore {
  load(): Promise<Progress>
  /** Raises what is stored; a lower number changes nothing. */
  save(progress: Progress): Promise<void>
}

export const noProgress: ProgressStore = {
  load: async () => ({ processed: new Map(), highest: null }),
  save: async () => undefined,
}

/** At most this many messages were removed from the stream before they were processed: the progress is a few seconds old. */
export const droppedUnprocessed = ({ processed }: Progress, firstSequence: number): number =>
  Math.max(0, ...[...processed.values()].map(sequence => firstSequence - 1 - sequence))

/** More than one stream accepts (6,400 to 7,500 events a second were measured). */
const numbersPerSecond = 10_000
/** What was accepted after the progress was last stored, for a clock that is minutes off. */
const leastGap = 1_000_000

/**
 * The first sequence of a stream that continues one that was lost: above every number that the lost one can have assigned since its highest
 * number was seen. A receiver may have got those, and discards an event whose number is lower than one that it knows.
 */
export const continueAfter = ({ sequence, at }: NonNullable<Progress['highest']>, now: EpochMs): number =>
  sequence + Math.max(leastGap, Math.ceil(Math.max(0, now - at) / 1_000) * numbersPerSecond) + 1
