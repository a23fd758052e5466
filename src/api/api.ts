import Router from '@koa/router'
import Koa from 'koa'
import { auditRoutes } from './audit/routes.ts'
import { deliveryActionRoutes } from './deliveries/actions.ts'
import { liveDeliveryRoutes } from './deliveries/live.ts'
import { deliveryRoutes } from './deliveries/routes.ts'
import type { ApiDeps } from './deps.ts'
import { eventTypeRoutes } from './event-types/routes.ts'
import { eventAccountRoutes } from './events/account.ts'
import { eventFeedRoutes } from './events/feed.ts'
import { eventRoutes } from './events/routes.ts'
import { crossOrigin, securityHeaders } from './http/headers.ts'
import { answerProblems } from './http/problem.ts'
import { keyRoutes } from './keys/routes.ts'
import { createGuard, type Guard } from './operation/guard.ts'
import { openApiOf } from './operation/openapi/document.ts'
import { createOperations, type Operations } from './operation/operations.ts'
import { createPipeline } from './operation/pipeline.ts'
import { retentionRoutes } from './privacy/retention-routes.ts'
import { visitorRoutes } from './privacy/visitor-routes.ts'
import { replayRoutes } from './replays/routes.ts'
import { docsRoutes } from './service/docs.ts'
import { serviceRoutes } from './service/routes.ts'
import { statsRoutes } from './stats/routes.ts'
import { subscriptionActionRoutes } from './subscriptions/actions.ts'
import { subscriptionChangeRoutes } from './subscriptions/change.ts'
import { subscriptionRoutes } from './subscriptions/routes.ts'
import { subscriptionTrialRoutes } from './subscriptions/trials.ts'
import { tenantRoutes } from './tenants/routes.ts'
import { tokenRoutes } from './tokens/routes.ts'

/** Each path has one spelling: /V1 and a slash at the end are other paths, which do not exist. */
const oneSpelling = { sensitive: true, strict: true }

/** Makes the REST API as a Koa application. The caller listens, and may mount more behind it. */
export const createApi = (deps: ApiDeps): Koa => {
  const router = new Router(oneSpelling)
  // The router tries every path for each request. Events arrive a thousand times per second, so they have a router of their own.
  const intake = new Router(oneSpelling)
  const guard = createGuard(deps)
  deps.revokedTokens$.subscribe(guard.forget)
  const operations = createOperations(
    ({ access }) => (access === 'events:write' ? intake : router),
    createPipeline(deps, guard),
  )
  serviceRoutes(operations, deps, () => document)
  // A worker answers only the probes of its platform.
  if (deps.role !== 'worker') {
    addRoutes(operations, deps, guard)
    docsRoutes(router)
  }
  const document = openApiOf(operations.all, deps)

  const app = new Koa()
  app.silent = true
  app.use(deps.observe)
  app.use(securityHeaders(deps.publicUrl))
  if (deps.corsOrigins.length > 0) app.use(crossOrigin(deps.corsOrigins))
  app.use(answerProblems(deps))
  app.use(intake.routes())
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}

const addRoutes = (operations: Operations, deps: ApiDeps, guard: Guard): void => {
  eventRoutes(operations, deps)
  eventFeedRoutes(operations, deps)
  eventAccountRoutes(operations, deps)
  tenantRoutes(operations, deps)
  tokenRoutes(operations, deps, guard)
  auditRoutes(operations, deps)
  keyRoutes(operations, deps)
  subscriptionRoutes(operations, deps)
  subscriptionChangeRoutes(operations, deps)
  subscriptionActionRoutes(operations, deps)
  subscriptionTrialRoutes(operations, deps)
  liveDeliveryRoutes(operations, deps)
  deliveryRoutes(operations, deps)
  statsRoutes(operations, deps)
  deliveryActionRoutes(operations, deps)
  replayRoutes(operations, deps)
  retentionRoutes(operations, deps)
  visitorRoutes(operations, deps)
  eventTypeRoutes(operations, deps)
}
