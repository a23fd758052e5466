import type { OutcomeClass } from '../../src/domain/outcome.ts'
import type { EpochMs } from '../../src/domain/time.ts'

/** How long an endpoint has been failing, and what its tenant was told of it. */
export interface Failing {
  /** First failure since the last success; null while it is well. */
  readonly since: EpochMs | null
  readonly notices: number
  /** Answers 410 in a row. */
  readonly gone: number
  /** True when the ledger knows. */
  readonly stored: boolean
}

export const well: Failing = { since: null, notices: 0, gone: 0, stored: false }

/** What is to be told or done. */
export type News = 'failing' | 'recovered' | 'disable_failing' | 'disable_gone'

const minute = 60_000
const hour = 60 * minute
const noticesAfterMs = [hour, 24 * hour, 72 * hour] as const
const disableAfterMs = 5 * 24 * hour
/** A trouble of less than a minute is not worth a write; it begins anew after a restart. */
const storeAfterMs = minute
const goneToDisable = 2

/** What one attempt changes. Only 2xx is a success; own faults never come here. */
export const heedOutcome = (
  failing: Failing,
  outcome: OutcomeClass,
  now: EpochMs,
): { readonly failing: Failing; readonly news: News | null; readonly store: boolean } => {
  if (outcome === 'delivered') {
    if (failing.since === null) return { failing, news: null, store: false }
    return { failing: well, news: failing.notices > 0 ? 'recovered' : null, store: failing.stored }
  }
  const since = failing.since ?? now
  const gone = outcome === 'gone' ? failing.gone + 1 : 0
  const forMs = now - since
  const due = noticesAfterMs.filter(afterMs => forMs >= afterMs).length
  const notices = Math.max(failing.notices, due)
  const news =
    gone >= goneToDisable
      ? 'disable_gone'
      : forMs >= disableAfterMs
        ? 'disable_failing'
        : due > failing.notices
          ? 'failing'
          : null
  const store = news !== null || gone !== failing.gone || (!failing.stored && forMs >= storeAfterMs)
  return { failing: { since, notices, gone, stored: failing.stored || store }, news, store }
}
