import type { Meaning } from '../../src/domain/meaning.ts'
import type { EpochMs } from '../../src/domain/time.ts'

/**
 * The limit of concurrent attempts. It adapts like TCP's congestion window (additive increase, multiplicative decrease, RFC 5681 §3.1):
 * it doubles in each round trip at first, grows by one after the first trouble, and halves at a timeout, 429 or 503.
 */
export interface InFlightLimit {
  /** A fraction, since it grows by less than one for each answer. */
  readonly limit: number
  /** The limit doubles in each round trip up to this value. */
  readonly slowStartTo: number
  /** The shortest recent answer, ms; it grows by 1 % with each answer. */
  readonly baselineMs: number
  /** The last cut: attempts that began before it do not cut the limit again. */
  readonly cutAt: EpochMs
}

const firstLimit = 16

export const limitAtStart: InFlightLimit = {
  limit: firstLimit,
  slowStartTo: Number.MAX_SAFE_INTEGER,
  baselineMs: Infinity,
  cutAt: 0,
}

/** Starts again with one attempt, doubling up to half of the previous limit, so that a receiver is not overrun after an outage. */
export const ramp = (state: InFlightLimit): InFlightLimit => ({
  ...state,
  limit: 1,
  slowStartTo: Math.max(2, state.limit / 2),
})

/** Returns the number of concurrent attempts, within 1…max. */
export const slots = ({ limit }: InFlightLimit, max: number): number => Math.max(1, Math.min(Math.floor(limit), max))

export interface Observed {
  readonly meaning: Meaning
  readonly startedAt: EpochMs
  readonly tookMs: number
  /** The number of other attempts under way. The limit grows only while it is used. */
  readonly underWay: number
}

/** An answer is slow if it takes four times as long as the shortest and more than a second, since receivers pause for garbage collection. */
const isSlow = (baselineMs: number, tookMs: number): boolean => tookMs > Math.max(1_000, baselineMs * 4)

/** Applies one attempt to the limit. */
export const afterAnswer = (
  state: InFlightLimit,
  { meaning, startedAt, tookMs, underWay }: Observed,
  max: number,
): InFlightLimit => {
  if (meaning.inFlight === 'shrink') return cut(state, startedAt, tookMs, 0.5, max)
  if (meaning.inFlight === 'keep') return state
  if (isSlow(state.baselineMs, tookMs)) return cut(state, startedAt, tookMs, 0.9, max)
  const baselineMs = Math.min(tookMs, state.baselineMs * 1.01)
  if (underWay * 2 < state.limit || state.limit >= max) return { ...state, baselineMs }
  const step = state.limit < state.slowStartTo ? 1 : 1 / state.limit
  return { ...state, baselineMs, limit: Math.min(state.limit + step, max) }
}

/** Cuts the limit once in a round trip: attempts that were under way at the last cut belong to the old limit. */
const cut = (state: InFlightLimit, startedAt: EpochMs, tookMs: number, factor: number, max: number): InFlightLimit => {
  if (startedAt < state.cutAt) return state
  const limit = Math.max(1, Math.min(state.limit, max) * factor)
  return { ...state, limit, slowStartTo: limit, cutAt: startedAt + tookMs }
}
