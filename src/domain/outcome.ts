import type { AttemptError } from './delivery.ts'

/** The result of one POST, as the egress client saw it. */
export type Outcome = Answered | Unanswered

export interface Answered {
  readonly type: 'answered'
  readonly status: number
  /** At most 4 KiB, decoded as UTF-8 with replacement. */
  readonly response: string
  /** Where a redirect leads, without credentials and query values. */
  readonly location?: string
  /** The Retry-After header (RFC 9110 §10.2.3, seconds or HTTP-date), as a delay from now. */
  readonly retryAfterMs?: number
  readonly tookMs: number
}

/** What Doorbell lacked when an attempt was its own fault: an answer of its resolver, a free connection, or something of the machine's. */
export type OwnFault = 'RESOLVER_AWAY' | 'NO_SLOT' | 'EMFILE' | 'ENFILE' | 'EADDRNOTAVAIL' | 'ENOBUFS'

export interface Unanswered {
  readonly type: 'unanswered'
  readonly error: AttemptError
  /** For the operator's log; absent when the process ended the attempt. */
  readonly fault?: OwnFault
  readonly tookMs: number
}

export type OutcomeClass =
  | 'delivered'
  | 'redirect'
  | 'see_other'
  | 'rejected'
  | 'denied'
  | 'gone'
  | 'throttled'
  | 'unready'
  | 'server_error'
  | 'overloaded'
  | AttemptError

/**
 * The wait that an answer asks for: only 429 and 503 can (RFC 9110 §15.6.4, RFC 6585 §4). A proxy puts the header on other answers of its own,
 * which say nothing about this endpoint.
 */
export const requestedWaitMs = (outcome: Outcome): number | undefined =>
  outcome.type === 'answered' && (outcome.status === 429 || outcome.status === 503) ? outcome.retryAfterMs : undefined

/** True for 2xx, the only statuses that mean delivered. */
export const isSuccess = (status: number): boolean => status >= 200 && status < 300

const aboutTheEvent: ReadonlySet<number> = new Set([400, 413, 415, 422])
const overloaded: ReadonlySet<number> = new Set([502, 503, 504])

export const classOf = (outcome: Outcome): OutcomeClass => {
  if (outcome.type === 'unanswered') return outcome.error
  const { status } = outcome
  if (isSuccess(status)) return 'delivered'
  if (status === 302 || status === 303) return 'see_other'
  if (status >= 300 && status < 400) return 'redirect'
  if (status === 410) return 'gone'
  if (status === 429) return 'throttled'
  if (status === 408 || status === 425) return 'unready'
  if (aboutTheEvent.has(status)) return 'rejected'
  if (status >= 500) return overloaded.has(status) ? 'overloaded' : 'server_error'
  return 'denied'
}
