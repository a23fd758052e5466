/** What went wrong, as a stable name that callers may test. `src/api/http/problem-kinds.ts` maps each to an HTTP status. */
export type FailureCode =
  // rejected: the caller can fix the request
  | 'malformed_json'
  | 'not_utf8'
  | 'invalid_request'
  | 'unknown_event_type'
  | 'unknown_tenant'
  | 'payload_too_large'
  | 'headers_too_large'
  | 'unsupported_media_type'
  | 'unauthenticated'
  | 'token_expired'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'url_refused'
  | 'limit_reached'
  | 'precondition_failed'
  | 'conflict'
  | 'idempotency_key_in_use'
  | 'idempotency_key_reused'
  | 'rate_limited'
  | 'search_too_wide'
  // unavailable: a later retry helps
  | 'streams_unavailable'
  | 'stream_full'
  | 'promise_broken'
  | 'ledger_unavailable'
  | 'identity_provider_unavailable'
  | 'starting'
  // defect: the problem is in Doorbell or its settings
  | 'invalid_settings'
  | 'internal'

/** One error in a request. `pointer` is a JSON Pointer (RFC 6901) into the body; `detail` says what is wrong and what to send instead. */
export interface Fault {
  readonly pointer: string
  readonly detail: string
}

export interface FailureOptions {
  readonly cause?: unknown
  /** For logs only; clients never see it. */
  readonly internal?: string
  readonly faults?: readonly Fault[]
  /** The caller should wait this long before a retry. */
  readonly retryAfterS?: number
}

/** The only error class. Clients may see `message`; code tests `code`, never text. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly internal: string | undefined
  readonly faults: readonly Fault[]
  readonly retryAfterS: number | undefined

  constructor(code: FailureCode, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Failure'
    this.code = code
    this.internal = options.internal
    this.faults = options.faults ?? []
    this.retryAfterS = options.retryAfterS
  }
}

/** True when `error` is a Failure with this code. */
export const isFailure = (error: unknown, code: FailureCode): error is Failure =>
  error instanceof Failure && error.code === code

/** True when NATS or MongoDB is unreachable, or cannot keep what is promised: the work can wait and be repeated. */
export const isAway = (error: unknown): boolean =>
  isFailure(error, 'ledger_unavailable') ||
  isFailure(error, 'streams_unavailable') ||
  isFailure(error, 'promise_broken')
