import type { Context } from 'koa'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { Failure } from '../../domain/failure.ts'
import type { CallMiddleware } from './call.ts'
import type { Operation } from './operation.ts'

/** Quotas of one token, per minute, at this process. */
export interface QuotaDeps {
  readonly adminToken: string
  readonly requestsPerMinute: number
  readonly eventsPerMinute: number
}

const windowS = 60

export const createQuotas = ({ adminToken, requestsPerMinute, eventsPerMinute }: QuotaDeps) => ({
  operator: `Bearer ${adminToken}`,
  requests: createQuota('requests', requestsPerMinute),
  events: createQuota('events', eventsPerMinute),
})

/**
 * Limits how often a token may call this process, and reports it in `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).
 * Events have a quota of their own, so a page that polls too often does not stop check-ins. The operator has none.
 */
export const limitRequests = (
  quotas: ReturnType<typeof createQuotas>,
  { access }: Operation,
): CallMiddleware | null => {
  if (access === 'open') return null
  const take = access === 'events:write' ? quotas.events : quotas.requests
  return async (context, next) => {
    const caller = context.get('authorization')
    if (caller !== quotas.operator) await take(context, caller)
    return next()
  }
}

const createQuota = (name: string, points: number) => {
  const limiter = new RateLimiterMemory({ points, duration: windowS })
  const policy = `"${name}";q=${points};w=${windowS}`
  return async (context: Context, token: string): Promise<void> => {
    const result = await limiter.consume(token).catch((refused: unknown) => refused)
    if (!(result instanceof RateLimiterRes)) throw result
    const resetS = Math.ceil(result.msBeforeNext / 1_000)
    context.set('RateLimit-Policy', policy)
    context.set('RateLimit', `"${name}";r=${Math.max(0, result.remainingPoints)};t=${resetS}`)
    if (result.consumedPoints > points)
      throw new Failure('rate_limited', `This token may make ${points} ${name} in ${windowS} s, and made more.`, {
        retryAfterS: resetS,
      })
  }
}
