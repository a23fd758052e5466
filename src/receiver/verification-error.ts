/** Why a request was rejected. */
export type VerificationCode =
  | 'missing_header'
  | 'malformed_signature'
  | 'wrong_signature'
  | 'unknown_key'
  | 'wrong_audience'
  | 'wrong_issuer'
  | 'too_old'
  | 'wrong_event'
  | 'malformed_body'
  | 'body_already_read'
  | 'body_incomplete'
  | 'body_too_large'
  | 'keys_unavailable'

/** Thrown for a request that must not be processed. `code` is stable; the message is for the log. */
export class VerificationError extends Error {
  readonly code: VerificationCode
  constructor(code: VerificationCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'VerificationError'
    this.code = code
  }
}
