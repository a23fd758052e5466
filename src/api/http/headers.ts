import cors from '@koa/cors'
import type { Middleware } from 'koa'

/** Sets headers for answers that are not pages; a page sets its own policy. */
export const securityHeaders = (publicUrl: string): Middleware => {
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

/**
 * Lets pages of these origins call the API (CORS); `*`: of every origin. Tokens are sent as headers, not as cookies, so a page of another
 * origin has only the token that its user gave it.
 */
export const crossOrigin = (origins: readonly string[]): Middleware =>
  cors({
    origin: context => {
      const origin = context.get('origin')
      return origins.includes('*') || origins.includes(origin) ? origin : ''
    },
    allowMethods: 'GET,POST,PUT,PATCH,DELETE',
    allowHeaders: 'authorization,content-type,if-match,idempotency-key,traceparent',
    exposeHeaders: 'etag,location,retry-after,ratelimit,ratelimit-policy,idempotency-replayed',
    maxAge: 600,
  })
