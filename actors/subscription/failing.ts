import { meanings } from '../../src/domain/meaning.ts'
import type { OutcomeClass } from '../../src/domain/outcome.ts'
import type { EpochMs } from '../../src/domain/time.ts'

/** How long an endpoint has been failing, and which notices its tenant got. */
export interface Failing {
  /** First failure since the last success; null while the endpoint is healthy. */
  readonly since: EpochMs | null
  readonly notices: number
  /** The number of 410 answers in a row. */
  readonly gone: number
  /** True when this state is stored in the ledger. */
  readonly stored: boolean
}

export const healthy: Failing = { since: null, notices: 0, gone: 0, stored: false }

/** What to announce or to do. */
export type Consequence = 'failing' | 'recovered' | 'disable_failing' | 'disable_gone'

const minute = 60_000
const hour = 60 * minute
export const noticesAfterMs = [hour, 24 * hour, 72 * hour] as const
export const disableAfterMs = 5 * 24 * hour
/** A failure of less than a minute is not worth a write; after a restart it is forgotten. */
const storeAfterMs = minute
const goneToDisable = 2

/**
 * Applies one attempt. Only 2xx is a success, and only what the circuit counts is a failure: an endpoint that refuses one event (422) or asks for
 * fewer requests (429) works. Own faults are never passed here.
 */
export const afterOutcome = (
  failing: Failing,
  outcome: OutcomeClass,
  now: EpochMs,
): { readonly failing: Failing; readonly consequence: Consequence | null; readonly store: boolean } => {
  if (outcome === 'delivered') {
    if (failing.since === null) return { failing, consequence: null, store: false }
    return { failing: healthy, consequence: failing.notices > 0 ? 'recovered' : null, store: failing.stored }
  }
  if (meanings[outcome].circuit === 'ignored')
    return { failing: { ...failing, gone: 0 }, consequence: null, store: failing.gone > 0 }
  const since = failing.since ?? now
  const gone = outcome === 'gone' ? failing.gone + 1 : 0
  const forMs = now - since
  const due = noticesAfterMs.filter(afterMs => forMs >= afterMs).length
  const notices = Math.max(failing.notices, due)
  const consequence =
    gone >= goneToDisable
      ? 'disable_gone'
      : forMs >= disableAfterMs
        ? 'disable_failing'
        : due > failing.notices
          ? 'failing'
          : null
  const store = consequence !== null || gone !== failing.gone || (!failing.stored && forMs >= storeAfterMs)
  return { failing: { since, notices, gone, stored: failing.stored || store }, consequence, store }
}
