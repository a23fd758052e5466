import type { Meaning } from '../../src/domain/meaning.ts'
import type { EpochMs } from '../../src/domain/time.ts'

/** Attempts that failed in a row because of a problem on Doorbell's side, and until when no other one is made. */
export interface OwnFaults {
  readonly inARow: number
  readonly until: EpochMs
}

export const noOwnFaults: OwnFaults = { inARow: 0, until: 0 }

const firstPauseMs = 1_000
const longestPauseMs = 30_000

/**
 * Applies one attempt. After a fault of our own nothing is posted for 1 s, doubling to 30 s: what is broken must not be loaded as well. Attempts that
 * were under way together count once.
 */
export const afterAttempt = (before: OwnFaults, { verdict }: Pick<Meaning, 'verdict'>, now: EpochMs): OwnFaults => {
  if (verdict !== 'own_fault') return before.inARow === 0 ? before : noOwnFaults
  if (now < before.until) return before
  return { inARow: before.inARow + 1, until: now + Math.min(firstPauseMs * 2 ** before.inARow, longestPauseMs) }
}
