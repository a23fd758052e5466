import type { Meaning } from '../../src/domain/meaning.ts'
import type { EpochMs } from '../../src/domain/time.ts'

/** An answer that takes this long delays the deliveries behind it. */
const slowMs = 1_000
/** How long before an event its receiver must have been without trouble to count as healthy. */
const calmMs = 60_000

/** Whether an attempt shows a receiver in trouble: it failed, or its answer was slow. */
export const isTrouble = ({ verdict }: Pick<Meaning, 'verdict'>, tookMs: number): boolean =>
  verdict !== 'delivered' || tookMs >= slowMs

/** Whether a receiver was healthy for an event of this moment: no trouble since a minute before it. Null: no trouble is known. */
export const isHealthyFor = (createdAt: EpochMs, troubledAt: EpochMs | null): boolean =>
  troubledAt === null || troubledAt < createdAt - calmMs
