import type { AttemptError, DeliveryReason } from '../../../../domain/delivery.ts'
import type { Attempt, Delivery } from '../../api/shapes.ts'
import { durationText } from '../../format/duration.ts'
import type { Tone } from '../../parts/status-badge.ts'
import { shortTime } from '../../parts/when.ts'

const reasons: Readonly<Record<DeliveryReason, string>> = {
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
  reason === undefined ? '' : (words(reasons, reason) ?? reason.replaceAll('_', ' '))

const errors: Readonly<Record<AttemptError, string>> = {
  dns: 'name not found',
  connect: 'no connection',
  connect_timeout: 'no connection in time',
  tls: 'no secure connection',
  certificate_expired: 'certificate expired',
  certificate_name: 'certificate for another name',
  certificate_untrusted: 'certificate not trusted',
  timeout: 'no answer in time',
  reset: 'connection closed',
  refused_address: 'address not allowed',
  own_fault: 'not finished by Doorbell',
}

/** A Doorbell that is newer than this page may say what it does not know. */
const words = (known: Readonly<Record<string, string>>, said = ''): string | undefined => known[said]

/** What came of an attempt: "503", "no answer in time". */
export const outcomeText = ({ status, error }: Pick<Attempt, 'status' | 'error'>): string =>
  status === undefined ? (words(errors, error) ?? error ?? 'no answer') : String(status)

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

const statusNames: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** "503 Service Unavailable" (RFC 9110 §15), "No answer in time". */
export const fullOutcomeText = (attempt: Pick<Attempt, 'status' | 'error'>): string => {
  const short = outcomeText(attempt)
  if (attempt.status === undefined) return `${short.charAt(0).toUpperCase()}${short.slice(1)}`
  const name = statusNames[attempt.status]
  return name === undefined ? short : `${short} ${name}`
}

const moment = /\d{4}-\d\d-\d\dT[\d:.]+Z/g

/** A sentence of the API with its moments in the time of the reader. */
export const inLocalTime = (sentence: string): string => sentence.replace(moment, at => shortTime(Date.parse(at)))

const contentGone = {
  retention:
    'Body and answers are no longer kept: the days that your tenant keeps them are over. It cannot be sent again.',
  erased: 'Body and answers were removed when the visitor was erased. It cannot be sent again.',
}

/** Why there is nothing to see and to send again; empty when there is. */
export const goneText = ({ contentGone: why }: Pick<Delivery, 'contentGone'>): string =>
  why === undefined ? '' : contentGone[why]
