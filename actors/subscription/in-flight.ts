import type { Meaning } from '../../src/domain/meaning.ts'
import type { EpochMs } from '../../src/domain/time.ts'

/**
 * How many attempts may be under way at once, found by trying as TCP finds its window (additive increase, multiplicative decrease,
 * RFC 5681 §3.1): doubling per round trip at first, by one after the first trouble, halved at a timeout, 429 or 503.
 */
export interface InFlightLimit {
  /** Grows by fractions. */
  readonly limit: number
  /** Up to here the limit doubles in each round trip. */
  readonly slowStartTo: number
  /** The shortest answer of late, ms; forgotten by 1 % with each answer. */
  readonly baselineMs: number
  /** When it was cut last: attempts that began before tell nothing new. */
  readonly cutAt: EpochMs
}

const firstLimit = 16

export const limitAtStart: InFlightLimit = {
  limit: firstLimit,
  slowStartTo: Number.MAX_SAFE_INTEGER,
  baselineMs: Infinity,
  cutAt: 0,
}

/** After an outage: one at a time, doubling up to half of what it was, so that a receiver that comes back is not run over. */
export const ramp = (state: InFlightLimit): InFlightLimit => ({
  ...state,
  limit: 1,
  slowStartTo: Math.max(2, state.limit / 2),
})

/** Attempts that may be under way, within 1…max. */
export const slots = ({ limit }: InFlightLimit, max: number): number => Math.max(1, Math.min(Math.floor(limit), max))

export interface Observed {
  readonly meaning: Meaning
  readonly startedAt: EpochMs
  readonly tookMs: number
  /** How many were under way beside it: a limit that is not reached proves nothing. */
  readonly underWay: number
}

/** An answer is slow beyond four times the shortest one, but a second is never slow: receivers pause to collect garbage. */
const isSlow = (baselineMs: number, tookMs: number): boolean => tookMs > Math.max(1_000, baselineMs * 4)

export const heedAnswer = (
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

/** Once for each round trip: what was under way when the limit was cut belongs to the old limit. */
const cut = (state: InFlightLimit, startedAt: EpochMs, tookMs: number, factor: number, max: number): InFlightLimit => {
  if (startedAt < state.cutAt) return state
  const limit = Math.max(1, Math.min(state.limit, max) * factor)
  return { ...state, limit, slowStartTo: limit, cutAt: startedAt + tookMs }
}
