import type { AttemptError } from './delivery.ts'

/** What came of one POST, as the egress client saw it. */
export type Outcome = Answered | Unanswered

export interface Answered {
  readonly type: 'answered'
  readonly status: number
  /** At most 4 KiB, decoded as UTF-8 with replacement. */
  readonly response: string
  /** From the Retry-After header (RFC 9110 §10.2.3, seconds or HTTP-date), as a delay from now. */
  readonly retryAfterMs?: number
  readonly tookMs: number
}

export interface Unanswered {
  readonly type: 'unanswered'
  readonly error: AttemptError
  /** In an end user's words: what happened and what to look at. */
  readonly detail: string
  readonly tookMs: number
}

/** What an attempt means for its delivery. */
export type Verdict = 'delivered' | 'retry' | 'give_up' | 'own_fault'

/** Only 2xx is success; a redirect or a refusal of ours will not mend itself quickly but is retried, since the customer may mend it. */
export const verdictOf = (outcome: Outcome): Verdict => {
  if (outcome.type === 'unanswered') return outcome.error === 'own_fault' ? 'own_fault' : 'retry'
  return outcome.status >= 200 && outcome.status < 300 ? 'delivered' : 'retry'
}
