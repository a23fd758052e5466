import cors from '@koa/cors'
import Router from '@koa/router'
import Koa from 'koa'
import { auditRoutes } from './audit.ts'
import { audited } from './audited.ts'
import { createGuard } from './auth.ts'
import { catalogueRoutes } from './catalogue.ts'
import { deliveryActionRoutes } from './delivery-actions.ts'
import { deliveryRoutes } from './deliveries.ts'
import type { ApiDeps } from './deps.ts'
import { docsRoutes } from './docs.ts'
import { eventFeedRoutes } from './event-feed.ts'
import { eventRoutes } from './events.ts'
import { idempotently } from './idempotency.ts'
import { keyRoutes } from './keys.ts'
import { liveRoutes } from './live.ts'
import { openApiOf } from './openapi/document.ts'
import { createOperations } from './operation.ts'
import { answerProblems } from './problem.ts'
import { replayRoutes } from './replays.ts'
import { createRequestLimits } from './request-limits.ts'
import { retentionRoutes } from './retention.ts'
import { serviceRoutes } from './service.ts'
import { statsRoutes } from './stats.ts'
import { subscriptionActionRoutes } from './subscription-actions.ts'
import { subscriptionRoutes } from './subscriptions.ts'
import { tenantRoutes } from './tenants.ts'
import { tokenRoutes } from './tokens.ts'
import { visitorRoutes } from './visitors.ts'

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
