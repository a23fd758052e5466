import { problem, type Reply } from './reply.ts'
import { type VerificationCode, VerificationError } from './verification-error.ts'

/** Why a request was not processed: the code of its rejection, or the part of the receiver that failed. */
export type FailureCode =
  VerificationCode | 'in_progress' | 'handler_failed' | 'seen_failed' | 'reply_failed' | 'failed'

export interface ReceiverFailure {
  /** Stable, and the `code` in the body of the reply. */
  readonly code: FailureCode
  /** The event, once its signature was verified. */
  readonly eventId?: string
}

/** Says in which of the caller's functions an error occurred; `cause` is that error. */
export class FailedPart extends Error {
  readonly code: FailureCode
  readonly eventId: string
  constructor(code: 'handler_failed' | 'seen_failed', eventId: string, cause: unknown) {
    super(partTexts[code], { cause })
    this.code = code
    this.eventId = eventId
  }
}

/** What the sender learns. The error itself stays in the receiver's log: it may hold what concerns nobody else. */
const partTexts = {
  handler_failed: 'onEvent failed. The log of the receiver has its error. Doorbell tries again.',
  seen_failed:
    'The memory of processed events (the option seen) failed. The log of the receiver has its error. Doorbell tries again.',
}

/** What failed, and the error to report. */
export const failureOf = (error: unknown): { readonly failure: ReceiverFailure; readonly reported: unknown } => {
  if (error instanceof FailedPart)
    return { failure: { code: error.code, eventId: error.eventId }, reported: error.cause }
  return { failure: { code: error instanceof VerificationError ? error.code : 'failed' }, reported: error }
}

/** The reply to a request that was rejected or failed. */
export const replyTo = (error: unknown): Reply => {
  if (error instanceof FailedPart) return problem(500, error.code, error.message)
  if (!(error instanceof VerificationError))
    return problem(500, 'failed', 'The receiver failed. Its log has the error. Doorbell tries again.')
  return problem(statusOf(error.code), error.code, error.message)
}

const statusOf = (code: VerificationCode) => {
  switch (code) {
    // Not the sender's fault: Doorbell tries again, and succeeds once the receiver is fixed.
    case 'body_already_read':
      return 500
    // Without keys the receiver cannot judge the request.
    case 'keys_unavailable':
      return 503
    case 'body_too_large':
      return 413
    case 'body_incomplete':
      return 400
    default:
      return 401
  }
}

/** Writes a failure to the console: a line for a rejected request, and the error with its stack for a fault of the receiver. */
export const logFailure = (error: unknown, { code, eventId }: ReceiverFailure): void => {
  const what = `doorbell/receiver: ${code}${eventId === undefined ? '' : ` (${eventId})`}:`
  if (!(error instanceof VerificationError)) console.error(what, error)
  else
    console.error(
      what,
      error.message,
      ...(error.cause instanceof Error ? [`(${error.cause.name}: ${error.cause.message})`] : []),
    )
}
