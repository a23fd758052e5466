import type Router from '@koa/router'
import { Type } from 'typebox'
import { fullJitterBelowMs, plainDelayMs, retryCaps, type RetryPolicy, withJitter } from '../domain/retry.ts'
import { readJson } from './body.ts'
import type { ApiDeps } from './deps.ts'
import { createRequestCheck } from './request-check.ts'
import { retrySchema } from './subscription-schema.ts'

export const previewSchema = Type.Object({ retry: retrySchema }, { additionalProperties: false })

/** What can be subscribed to, and what a retry policy means in clock times. */
export const catalogueRoutes = (router: Router, deps: ApiDeps): void => {
  const previewOf = createRequestCheck<{ retry: RetryPolicy }>(previewSchema)

  router.get('/v1/event-types', context => {
    context.body = { items: deps.eventTypes }
  })

  router.post('/v1/retry-preview', async context => {
    const { retry } = previewOf(await readJson(context, 16 * 1_024))
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
