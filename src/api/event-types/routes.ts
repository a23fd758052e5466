import type { EventType } from '../../../config/event-types/event-type.ts'
import { fullJitterBelowMs, plainDelayMs, retryCaps, type RetryPolicy, withJitter } from '../../domain/retry.ts'
import type { EpochMs } from '../../domain/time.ts'
import { iso } from '../http/wire.ts'
import type { Operations } from '../operation/operations.ts'
import { eventTypeOperations } from './operations.ts'

export interface EventTypeDeps {
  readonly eventTypes: readonly EventType[]
  readonly now: () => EpochMs
}

/** The catalogue of event types, and a preview of retry policies. */
export const eventTypeRoutes = (operations: Operations, { eventTypes, now }: EventTypeDeps): void => {
  operations.add(eventTypeOperations.list, () => ({ items: eventTypes, next: null }))

  operations.add(eventTypeOperations.previewRetry, ({ state: { body } }) => ({
    attempts: preview(body.retry, now()),
    fullJitterBelowMs,
  }))
}

/** Each attempt of a policy at its earliest and latest, if every one fails at once. */
const preview = (retry: RetryPolicy, now: EpochMs) => {
  const giveUpAfterMs = 'delaysMs' in retry ? retryCaps.giveUpAfterMs : retry.giveUpAfterMs
  const attempts = [{ number: 1, earliest: iso(now), latest: iso(now) }]
  for (let number = 2, earliest = now, latest = now; ; number += 1) {
    const delayMs = plainDelayMs(retry, number)
    if (delayMs === null) return attempts
    earliest += withJitter(delayMs, 0)
    latest += withJitter(delayMs, 1)
    if (earliest - now > giveUpAfterMs) return attempts
    attempts.push({ number, earliest: iso(earliest), latest: iso(Math.min(latest, now + giveUpAfterMs)) })
  }
}
