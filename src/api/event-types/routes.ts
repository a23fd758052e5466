import { fullJitterBelowMs, plainDelayMs, retryCaps, type RetryPolicy, withJitter } from '../../domain/retry.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { catalogueOperations } from './operations.ts'

/** What can be subscribed to, and what a retry policy means in clock times. */
export const catalogueRoutes = (operations: Operations, deps: ApiDeps): void => {
  operations.add(catalogueOperations.eventTypes, context => {
    context.body = { items: deps.eventTypes }
  })

  operations.add(catalogueOperations.retryPreview, (context, { body: { retry } }) => {
    context.body = { attempts: preview(retry, deps.now()), fullJitterBelowMs }
  })
}

/** Each attempt of a policy at its earliest and latest, if every one fails at once. */
const preview = (retry: RetryPolicy, now: number) => {
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

const iso = (at: number): string => new Date(at).toISOString()
