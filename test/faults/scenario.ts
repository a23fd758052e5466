import assert from 'node:assert/strict'
import type { Stage } from './stage.ts'

/** One fault, what must hold, and how it is brought about. */
export interface Scenario {
  readonly name: string
  readonly fault: string
  readonly expectation: string
  /** How many events in the full suite, and in the short one that CI runs; null: not there. */
  readonly full: number
  readonly short: number | null
  /** Says why it cannot run on this machine; null when it can. */
  readonly missing?: () => Promise<string | null>
  /** Figures for the table; throws when the expectation does not hold. */
  readonly run: (count: number) => Promise<Figures>
}

export type Figures = Readonly<Record<string, number | string>>

/** What came of one scenario. */
export interface Outcome {
  readonly count: number
  readonly figures: Figures | null
  /** Why it failed or was left out. */
  readonly fault: string | null
  readonly result: 'held' | 'FAILED' | 'left out'
}

export interface Expected {
  readonly accepted: number
  /** Deliveries that may have been under way, or answered and not yet written, when the fault came. */
  readonly mostDoubled: number
  /** The receiver was at fault too: its failures count. */
  readonly failures?: boolean
  /** From when the slowest is counted, or from its 202 if that came later. */
  readonly healedAt?: number
}

/**
 * What holds after every fault: each accepted event has its row (accepted = delivered + pending + held + dead + cancelled) and was
 * taken at least once; no attempt was burned by a fault of ours; memory was bounded.
 */
export const verified = async (
  stage: Stage,
  { accepted, mostDoubled, failures = false, healedAt }: Expected,
): Promise<Figures> => {
  const { statuses, failedAttempts, total } = await stage.rows()
  const { delivered = 0, pending = 0, held = 0, dead = 0, cancelled = 0 } = statuses
  const { taken } = stage.receiver
  const doubled = [...taken.values()].reduce((sum, moments) => sum + moments.length - 1, 0)
  const waits = [...taken].map(([id, [first = 0]]) => first - Math.max(healedAt ?? 0, stage.accepted.get(id) ?? first))
  const peakMiB = await stage.peakMiB()
  const figures = {
    accepted,
    delivered,
    'pending + held': pending + held,
    'dead + cancelled': dead + cancelled,
    lost: accepted - taken.size,
    doubled,
    [failures ? 'failed attempts' : 'attempts burned']: failedAttempts,
    ...(healedAt === undefined ? {} : { 'slowest after healing, s': seconds(Math.max(0, ...waits)) }),
    'peak MiB': peakMiB,
  }
  const seen = JSON.stringify(figures)
  assert.equal(stage.accepted.size, accepted, `answered 202: ${seen}`)
  assert.equal(total, accepted, `rows: ${seen}`)
  assert.equal(delivered, accepted, `delivered: ${seen}`)
  assert.equal(taken.size, accepted, `taken by the receiver: ${seen}`)
  assert.ok(doubled <= mostDoubled, `doubled at most ${mostDoubled}: ${seen}`)
  if (!failures) assert.equal(failedAttempts, 0, `no attempt burned: ${seen}`)
  assert.ok(peakMiB < 1_024, `memory: ${seen}`)
  return figures
}

/** The longest time after a moment in which nothing arrived, until the last arrival. */
export const longestSilenceS = ({ receiver }: Stage, since: number): number => {
  const later = [...receiver.taken.values()].flat().filter(moment => moment > since)
  const moments = [since, ...later].toSorted((a, b) => a - b)
  const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment))
  return seconds(Math.max(0, ...gaps))
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10

/** Slots of the subscription while they are full, and as many more answered and being written. */
export const underWay = (maxInFlight: number): number => 2 * maxInFlight

export { setTimeout as wait } from 'node:timers/promises'
