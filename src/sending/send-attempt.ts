import { type AttemptPorts, createAttempt } from '../../actors/attempt/attempt.ts'
import type { AttemptOrder, AttemptResult } from '../../actors/attempt/protocol.ts'
import { userAgent } from '../../config/version.ts'
import type { Log } from '../../observability/log.ts'
import { attributes as a, spanNames } from '../../observability/names.ts'
import { currentTrace, SpanKind, traced } from '../../observability/traced.ts'
import type { Attempt, Delivery } from '../domain/delivery.ts'
import { placeOfAttempt } from '../domain/delivery-trace.ts'
import type { Activity } from './count-activity.ts'
import { createOwnFaultLog } from './own-faults.ts'
import { isDelivered, outcomeOnSpan, tracedPost } from './traced-post.ts'

/** What sending needs of the service. */
export interface SendingPorts extends Pick<
  AttemptPorts,
  'sign' | 'standardSignature' | 'extraHeaders' | 'post' | 'ending'
> {
  readonly metrics: { attempted(delivery: Delivery, attempt: Attempt, receiverHealthy: boolean): void }
  readonly activity: Pick<Activity, 'attempted'>
  readonly log: Pick<Log, 'debug' | 'info' | 'error'>
  /** In ms from any start, never set back. */
  readonly now: () => number
}

export type SendAttempt = (order: AttemptOrder) => Promise<AttemptResult>

const noTrace = { traceId: '', spanId: '', traceparent: '' }

/** Makes one signed POST, with its span from the signing to the verdict, its log line and its counts. */
export const createSendAttempt = (ports: SendingPorts): SendAttempt => {
  const attempt = createAttempt({
    ...ports,
    post: tracedPost(ports.post),
    onSigningFault: error =>
      ports.log.error(
        { err: error, remedy: 'check DOORBELL_ENCRYPTION_KEY; the delivery waits and uses up no attempt' },
        'a delivery could not be signed',
      ),
    trace: () => currentTrace() ?? noTrace,
    now: () => Date.now(),
    userAgent,
  })
  const logOwnFault = createOwnFaultLog(ports.log, ports.now)
  return tracedAttempt(async order => {
    const result = await attempt(order)
    report(ports, order, result)
    if (result.outcome.type === 'unanswered' && result.outcome.fault !== undefined) logOwnFault(result.outcome.fault)
    return result
  })
}

const tracedAttempt = (attempt: SendAttempt): SendAttempt =>
  traced(
    {
      name: spanNames.attempt,
      kind: SpanKind.INTERNAL,
      place: ({ delivery }: AttemptOrder) => placeOfAttempt(delivery, Date.now()),
      attributes: ({ delivery: { id, tenant, subscriptionId, eventId, visitId, type }, number }) => ({
        [a.delivery]: id,
        [a.tenant]: tenant,
        [a.subscription]: subscriptionId,
        [a.eventId]: eventId,
        [a.visitId]: visitId,
        [a.eventType]: type,
        [a.attempt]: number,
      }),
      result: ({ outcome }: AttemptResult) => outcomeOnSpan(outcome),
    },
    attempt,
  )

/** Each attempt is one log line with every field. */
const report = (
  { metrics, activity, log }: SendingPorts,
  { delivery, number, receiverHealthy }: AttemptOrder,
  { attempt, outcome }: AttemptResult,
): void => {
  const { tookMs, status, error, detail } = attempt
  const delivered = isDelivered(outcome)
  metrics.attempted(delivery, attempt, receiverHealthy)
  if (error !== 'own_fault') activity.attempted(delivery, delivered, tookMs)
  const { id, subscriptionId, tenant, eventId, visitId, type } = delivery
  const ids = { deliveryId: id, tenant, subscriptionId, eventId, visitId, type }
  const fields = { ...ids, attempt: number, tookMs, status, error }
  if (delivered) log.debug(fields, 'attempt delivered')
  // Its cause has a line of its own, once a minute: our own faults come in hundreds.
  else if (error === 'own_fault') log.debug({ ...fields, remedy: detail }, 'attempt failed')
  else log.info({ ...fields, remedy: detail }, 'attempt failed')
}
