import type { AttemptError, DeliveryReason } from '../../../../domain/delivery.ts'
import type { Attempt, Delivery } from '../../api/shapes.ts'
import { durationText } from '../../format/duration.ts'
import { statusName } from '../../format/http-status.ts'
import { capitalized } from '../../format/text.ts'
import type { Tone } from '../../parts/status-badge.ts'

const reasons: Readonly<Record<DeliveryReason, string>> = {
  over_capacity: 'waiting for room at the endpoint',
  rate_limited: 'waiting for the rate limit',
  retry_after: 'the endpoint asked to wait',
  circuit_open: 'endpoint failing: circuit open',
  paused: 'subscription paused',
  disabled: 'subscription disabled',
  waiting_turn: 'waiting for an earlier event of the visit',
  own_fault: 'error in Doorbell, which tries again',
  resent: 'sent again by hand',
  replay: 'waiting in a replay',
  exhausted: 'every attempt failed',
  redirected: 'redirected twice',
  expired: 'too old to send',
  subscription_deleted: 'subscription deleted',
  cancelled: 'cancelled by hand',
  skipped: 'skipped on resume',
  content_expired: 'content no longer kept',
  erased: 'visitor erased',
}

/** The reason for a delivery’s status in a few words. The API’s explanation, which is a sentence, is shown on the delivery’s page. */
export const reasonText = ({ reason }: Pick<Delivery, 'reason'>): string =>
  reason === undefined ? '' : (words(reasons, reason) ?? reason.replaceAll('_', ' '))

const errors: Readonly<Record<AttemptError, string>> = {
  dns: 'host name not found',
  connect: 'no connection',
  connect_timeout: 'connection timed out',
  tls: 'no secure connection',
  certificate_expired: 'certificate expired',
  certificate_name: 'certificate for another name',
  certificate_untrusted: 'certificate not trusted',
  http2_only: 'HTTP/2 only',
  timeout: 'no response in time',
  reset: 'connection closed',
  refused_address: 'address not allowed',
  own_fault: 'not completed by Doorbell',
}

/** A newer Doorbell may send a value that this page does not know. */
const words = (known: Readonly<Record<string, string>>, value = ''): string | undefined => known[value]

/** The outcome of an attempt: "503", "no response in time". */
export const outcomeText = ({ status, error }: Pick<Attempt, 'status' | 'error'>): string =>
  status === undefined ? (words(errors, error) ?? error ?? 'no response') : String(status)

/** The outcome with the name of its status: "503 Service Unavailable", "No response in time". */
export const fullOutcomeText = (attempt: Pick<Attempt, 'status' | 'error'>): string => {
  const short = outcomeText(attempt)
  if (attempt.status === undefined) return capitalized(short)
  const name = statusName(attempt.status)
  return name === undefined ? short : `${short} ${name}`
}

export const isSuccess = ({ status = 0 }: Pick<Attempt, 'status'>): boolean => status >= 200 && status < 300

export const toneOfAttempt = (attempt: Pick<Attempt, 'status' | 'error'>): Tone => {
  if (isSuccess(attempt)) return 'ok'
  return attempt.error === 'own_fault' ? 'quiet' : 'bad'
}

/** The latest attempt in a line: "200 in 34 ms", "attempt 3: 503". */
export const lastText = ({ attempts }: Pick<Delivery, 'attempts'>): string => {
  const last = attempts.at(-1)
  if (last === undefined) return 'not attempted yet'
  const outcome = isSuccess(last) ? `${outcomeText(last)} in ${durationText(last.tookMs)}` : outcomeText(last)
  return isSuccess(last) && last.number === 1 ? outcome : `attempt ${last.number}: ${outcome}`
}

const contentGone = {
  retention:
    'The content and the responses are no longer kept, because your tenant’s retention period is over. You cannot send this delivery again.',
  erased:
    'The content and the responses were removed when the visitor was erased. You cannot send this delivery again.',
}

/** Why a delivery has no content, so that it cannot be sent again; empty if it has. */
export const goneText = ({ contentGone: why }: Pick<Delivery, 'contentGone'>): string =>
  why === undefined ? '' : contentGone[why]
