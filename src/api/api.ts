import Router from '@koa/router'
import Koa from 'koa'
import { createGuard } from './auth.ts'
import { catalogueRoutes } from './catalogue.ts'
import { deliveryActionRoutes } from './delivery-actions.ts'
import { deliveryRoutes } from './deliveries.ts'
import type { ApiDeps } from './deps.ts'
import { eventRoutes } from './events.ts'
import { answerProblems } from './problem.ts'
import { replayRoutes } from './replays.ts'
import { serviceRoutes } from './service.ts'
import { subscriptionActionRoutes } from './subscription-actions.ts'
import { subscriptionRoutes } from './subscriptions.ts'
import { tenantRoutes } from './tenants.ts'

/** The REST API of contract.md; whoever calls this listens. */
export const createApi = (deps: ApiDeps): Koa => {
  const router = new Router()
  const guard = createGuard(deps)
  serviceRoutes(router, deps)
  // A worker process listens for its platform's probes alone.
  if (deps.role !== 'worker') {
    eventRoutes(router, deps, guard)
    tenantRoutes(router, deps, guard)
    subscriptionRoutes(router, deps, guard)
    subscriptionActionRoutes(router, deps, guard)
    deliveryRoutes(router, deps, guard)
    deliveryActionRoutes(router, deps, guard)
    replayRoutes(router, deps, guard)
    catalogueRoutes(router, deps)
  }

  const app = new Koa()
  app.silent = true
  app.use(deps.observe)
  app.use(answerProblems(deps))
  app.use(securityHeaders)
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}

const securityHeaders: Koa.Middleware = (context, next) => {
  context.set('X-Content-Type-Options', 'nosniff')
  context.set('Cache-Control', 'no-store')
  return next()
}
