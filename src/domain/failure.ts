/** What went wrong, as a stable name that callers may test. The HTTP status that each one becomes stands in `src/api/http/problem-kinds.ts`. */
export type FailureCode =
  // rejected: the caller can mend it
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
  // unavailable: trying again later helps
  | 'streams_unavailable'
  | 'stream_full'
  | 'ledger_unavailable'
  | 'identity_provider_unavailable'
  | 'starting'
  | 'shutting_down'
  // defect: ours to mend
  | 'invalid_settings'
  | 'internal'

/** One thing wrong with a request. `pointer` is a JSON Pointer (RFC 6901) into the body, `remedy` says how to mend it. */
export interface Fault {
  readonly pointer: string
  readonly detail: string
}

export interface FailureOptions {
  readonly cause?: unknown
  /** For logs only: never shown to a client. */
  readonly internal?: string
  readonly faults?: readonly Fault[]
  /** Seconds after which the caller should try again. */
  readonly retryAfterS?: number
}

/** The one error class. `message` is fit for clients; code tests `code`, never text. */
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

/** True when a server that Doorbell needs is unreachable: the work can wait and be done again. */
export const isAway = (error: unknown): boolean =>
  isFailure(error, 'ledger_unavailable') || isFailure(error, 'streams_unavailable')
