import { type AuditDeps, recordChange } from './audit.ts'
import { authenticate } from './authenticate.ts'
import { readBody } from './body.ts'
import type { CallMiddleware } from './call.ts'
import type { Guard } from './guard.ts'
import { answerOnce, type IdempotencyDeps } from './idempotency.ts'
import { newIdentity } from './identity.ts'
import type { Operation } from './operation.ts'
import { readQuery } from './query.ts'
import { createQuotas, limitRequests, type QuotaDeps } from './request-limits.ts'

export type PipelineDeps = QuotaDeps & IdempotencyDeps & AuditDeps

/** The middleware that a request passes on its way to an operation’s handler, in this order. */
export const createPipeline = (deps: PipelineDeps, guard: Guard): ((operation: Operation) => CallMiddleware[]) => {
  const quotas = createQuotas(deps)
  return operation =>
    [
      identify(deps.now),
      authenticate(guard, operation),
      limitRequests(quotas, operation),
      readQuery(operation),
      readBody(operation),
      answerOnce(deps, operation),
      recordChange(deps, operation),
    ].filter(step => step !== null)
}

const identify =
  (now: PipelineDeps['now']): CallMiddleware =>
  (context, next) => {
    context.state.identity = newIdentity(now())
    return next()
  }
