import Router from '@koa/router'
import Koa, { type Context, type Middleware, type Next } from 'koa'
import { customerRoutes } from './customer/routes.ts'
import { pageRoutes } from './pages.ts'
import { frontDeskRoutes } from './platform/routes.ts'
import { Refusal } from './refusal.ts'

type Parts = Parameters<typeof customerRoutes>[1] & {
  readonly platform: Parameters<typeof frontDeskRoutes>[1]
  /** Handles `POST /webhooks`. */
  readonly receive: Middleware
}

/** Creates the web server of the example: the customer's app, the front desk, and the webhook endpoint. */
export const createApp = (parts: Parts): Koa => {
  const router = new Router()
  // The signature covers the raw bytes, so nothing may read the body before.
  router.post('/webhooks', parts.receive)
  pageRoutes(router)
  customerRoutes(router, parts)
  frontDeskRoutes(router, parts.platform, parts.live)
  const app = new Koa()
  app.use(secureHeaders).use(refusals).use(ownPagesOnly)
  app.use(router.routes()).use(router.allowedMethods())
  return app
}

const secureHeaders = async (context: Context, next: Next): Promise<void> => {
  context.set({
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  })
  await next()
}

const refusals = async (context: Context, next: Next): Promise<void> => {
  try {
    await next()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    context.status = error.status
    context.body = { detail: error.message }
  }
}

/** Keeps pages of other sites from changing anything here, and from reaching the app under their own host name (DNS rebinding). */
const ownPagesOnly = async (context: Context, next: Next): Promise<void> => {
  const { path, hostname } = context
  const from = context.get('sec-fetch-site')
  if (path !== '/webhooks' && hostname !== '127.0.0.1' && hostname !== 'localhost')
    throw new Refusal(403, 'Open this page at 127.0.0.1.')
  if (context.method !== 'GET' && from !== '' && from !== 'same-origin')
    throw new Refusal(403, 'Requests from other sites are not allowed.')
  await next()
}
