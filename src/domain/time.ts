/** A moment as milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number

export const dayMs = 24 * 60 * 60_000

/** Time and chance as values, so that a behaviour stays a pure function. `chance` is in [0, 1). */
export interface Moment {
  readonly now: EpochMs
  readonly chance: number
}
