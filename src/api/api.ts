import cors from '@koa/cors'
import Router from '@koa/router'
import Koa from 'koa'
import { auditRoutes } from './audit/routes.ts'
import { audited } from './operation/audited.ts'
import { createGuard } from './operation/guard.ts'
import { catalogueRoutes } from './event-types/routes.ts'
import { deliveryActionRoutes } from './deliveries/actions.ts'
import { deliveryRoutes } from './deliveries/routes.ts'
import type { ApiDeps } from './deps.ts'
import { docsRoutes } from './service/docs.ts'
import { eventFeedRoutes } from './events/feed.ts'
import { eventRoutes } from './events/routes.ts'
import { idempotently } from './operation/idempotency.ts'
import { keyRoutes } from './keys/routes.ts'
import { liveRoutes } from './deliveries/live.ts'
import { openApiOf } from './operation/openapi/document.ts'
import { createOperations } from './operation/operation.ts'
import { answerProblems } from './http/problem.ts'
import { replayRoutes } from './replays/routes.ts'
import { createRequestLimits } from './operation/request-limits.ts'
import { retentionRoutes } from './privacy/retention.ts'
import { serviceRoutes } from './service/routes.ts'
import { statsRoutes } from './stats/routes.ts'
import { subscriptionActionRoutes } from './subscriptions/actions.ts'
import { subscriptionRoutes } from './subscriptions/routes.ts'
import { tenantRoutes } from './tenants/routes.ts'
import { tokenRoutes } from './tokens/routes.ts'
import { visitorRoutes } from './privacy/visitors.ts'

/** The REST API of contract.md; whoever calls this listens. */
export const createApi = (deps: ApiDeps): Koa => {
  const router = new Router()
  const guard = createGuard(deps)
  deps.revokedTokens$.subscribe(guard.forget)
  // The router tries all of its paths for each request: what comes a thousand times a second has one of its own.
  const intake = new Router()
  const operations = createOperations(({ access }) => (access === 'events:write' ? intake : router), guard, {
    admit: createRequestLimits(deps),
    around: [idempotently(deps), audited(deps)],
  })
  serviceRoutes(operations, deps, () => document)
  // A worker process listens for its platform's probes alone.
  if (deps.role !== 'worker') {
    eventRoutes(operations, deps)
    eventFeedRoutes(operations, deps)
    tenantRoutes(operations, deps, guard)
    tokenRoutes(operations, deps, guard)
    auditRoutes(operations, deps)
    keyRoutes(operations, deps)
    subscriptionRoutes(operations, deps)
    subscriptionActionRoutes(operations, deps)
    liveRoutes(operations, deps)
    deliveryRoutes(operations, deps)
    statsRoutes(operations, deps)
    deliveryActionRoutes(operations, deps)
    replayRoutes(operations, deps)
    retentionRoutes(operations, deps)
    visitorRoutes(operations, deps)
    catalogueRoutes(operations, deps)
    docsRoutes(router)
  }
  const document = openApiOf(operations.all, deps)

  const app = new Koa()
  app.silent = true
  app.use(deps.observe)
  app.use(securityHeaders(deps))
  if (deps.corsOrigins.length > 0) app.use(crossOrigin(deps.corsOrigins))
  app.use(answerProblems(deps))
  app.use(intake.routes())
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}

/** Bearer tokens, no cookies: a page of another origin has nothing that its user did not give it. */
const crossOrigin = (origins: readonly string[]): Koa.Middleware =>
  cors({
    origin: context => {
      const wanted = context.get('origin')
      return origins.includes('*') || origins.includes(wanted) ? wanted : ''
    },
    allowMethods: 'GET,POST,PUT,PATCH,DELETE',
    allowHeaders: 'authorization,content-type,if-match,idempotency-key,traceparent',
    exposeHeaders: 'etag,location,retry-after,ratelimit,ratelimit-policy,idempotency-replayed',
    maxAge: 600,
  })

/** What suits answers that are no pages; a page sets its own policy. */
const securityHeaders = ({ publicUrl }: Pick<ApiDeps, 'publicUrl'>): Koa.Middleware => {
  const headers = {
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    ...(publicUrl.startsWith('https://') ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  }
  return (context, next) => {
    context.set(headers)
    return next()
  }
}
