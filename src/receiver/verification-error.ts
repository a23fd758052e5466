/** Why a request was not believed. */
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
  | 'body_too_large'
  | 'keys_unavailable'

/** A request that must not be acted on. `code` is stable; the message is for the receiver's log. */
export class VerificationError extends Error {
  readonly code: VerificationCode
  constructor(code: VerificationCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'VerificationError'
    this.code = code
  }
}
