import type { Context } from 'koa'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { Failure } from '../../domain/failure.ts'
import type { ApiDeps } from '../deps.ts'
import type { Admit } from './operation.ts'

const windowS = 60

/**
 * How often one token may call this process in a minute; events have a quota of their own, so that a page which asks too often does
 * not stop a front desk. Told in `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers). The operator's token, the
 * platform itself, has none.
 */
export const createRequestLimits = ({
  adminToken,
  requestsPerMinute,
  eventsPerMinute,
}: Pick<ApiDeps, 'adminToken' | 'requestsPerMinute' | 'eventsPerMinute'>): Admit => {
  const requests = quota('requests', requestsPerMinute)
  const events = quota('events', eventsPerMinute)
  const operator = `Bearer ${adminToken}`
  return ({ access }) => {
    if (access === 'open') return null
    const consume = access === 'events:write' ? events : requests
    return async context => {
      const who = context.get('authorization')
      if (who !== operator) await consume(context, who)
    }
  }
}

const quota = (name: string, points: number) => {
  const limiter = new RateLimiterMemory({ points, duration: windowS })
  const policy = `"${name}";q=${points};w=${windowS}`
  return async (context: Context, key: string): Promise<void> => {
    const result = await limiter.consume(key).catch((refused: unknown) => refused)
    if (!(result instanceof RateLimiterRes)) throw result
    const resetS = Math.ceil(result.msBeforeNext / 1_000)
    context.set('RateLimit-Policy', policy)
    context.set('RateLimit', `"${name}";r=${Math.max(0, result.remainingPoints)};t=${resetS}`)
    if (result.consumedPoints > points)
      throw new Failure('rate_limited', `More than ${points} ${name} in ${windowS} s with this token.`, {
        retryAfterS: resetS,
      })
  }
}
