import type { Meaning } from '../../src/domain/meaning.ts'
import type { EpochMs } from '../../src/domain/time.ts'

/** An answer that takes this long delays the deliveries behind it. */
const slowMs = 1_000
/** How long a receiver must have been without trouble before an event to count as healthy. */
const calmMs = 60_000

/** True for an attempt that failed or whose answer was slow. */
export const isTrouble = ({ verdict }: Pick<Meaning, 'verdict'>, tookMs: number): boolean =>
  verdict !== 'delivered' || tookMs >= slowMs

/** True if a receiver had no trouble since a minute before this event. Null: no trouble is known. */
export const isHealthyFor = (createdAt: EpochMs, troubledAt: EpochMs | null): boolean =>
  troubledAt === null || troubledAt < createdAt - calmMs
