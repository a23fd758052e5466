import type { Attempt, Delivery } from '../api/shapes.ts'
import { durationText } from '../parts/duration.ts'
import type { Tone } from '../parts/status-badge.ts'

const reasons: Readonly<Record<string, string>> = {
  over_capacity: 'waits for room at the endpoint',
  rate_limited: 'waits for the rate limit',
  retry_after: 'the endpoint asked us to come later',
  circuit_open: 'the endpoint fails: circuit open',
  paused: 'subscription paused',
  disabled: 'subscription disabled',
  waiting_turn: 'waits for an earlier event of the visit',
  own_fault: 'Doorbell could not finish it, and tries again',
  resent: 'sent again by hand',
  replay: 'waits in a replay',
  exhausted: 'every attempt failed',
  expired: 'too old to be sent',
  subscription_deleted: 'subscription deleted',
  cancelled: 'cancelled by hand',
  skipped: 'skipped when resumed',
  content_expired: 'content no longer kept',
  erased: 'visitor erased',
}

/** Why a delivery is as it is, in a few words; the API’s own explanation is a sentence, and stands on the delivery’s page. */
export const reasonText = ({ reason }: Pick<Delivery, 'reason'>): string =>
  reason === undefined ? '' : (reasons[reason] ?? reason.replaceAll('_', ' '))

const errors: Readonly<Record<string, string>> = {
  dns: 'name not found',
  connect: 'no connection',
  connect_timeout: 'no connection in time',
  tls: 'no secure connection',
  timeout: 'no answer in time',
  reset: 'connection closed',
  refused_address: 'address not allowed',
  own_fault: 'not finished by Doorbell',
}

/** What came of an attempt: "503", "no answer in time". */
export const outcomeText = ({ status, error }: Pick<Attempt, 'status' | 'error'>): string =>
  status === undefined ? (errors[error ?? ''] ?? error ?? 'no answer') : String(status)

export const isSuccess = ({ status = 0 }: Pick<Attempt, 'status'>): boolean => status >= 200 && status < 300

export const toneOfAttempt = (attempt: Pick<Attempt, 'status' | 'error'>): Tone => {
  if (isSuccess(attempt)) return 'ok'
  return attempt.error === 'own_fault' ? 'quiet' : 'bad'
}

/** The last thing that happened, in a line: "200 in 34 ms", "attempt 3: 503". */
export const lastText = ({ attempts }: Pick<Delivery, 'attempts'>): string => {
  const last = attempts.at(-1)
  if (last === undefined) return 'not tried yet'
  if (isSuccess(last) && last.number === 1) return `${outcomeText(last)} in ${durationText(last.tookMs)}`
  return `attempt ${last.number}: ${outcomeText(last)}${isSuccess(last) ? ` in ${durationText(last.tookMs)}` : ''}`
}
