import { context, type Context, propagation, SpanKind, type TextMapGetter, trace } from '@opentelemetry/api'
import { failed, startSpan } from './traced.ts'
import type { Requested } from './metrics/requests.ts'
import { attributes as a, spanNames } from './names.ts'

/** The part of a request that a trace shows: method, route and status, never its query or body. */
export interface ObservedRequest {
  readonly method: string
  readonly status: number
  get(header: string): string
  readonly _matchedRoute?: string | RegExp
}

/**
 * Middleware that makes a SERVER span and a measurement of each request, named by its route. The parent is the span that the request names
 * (W3C `traceparent`, or what `OTEL_PROPAGATORS` says), or the span that an HTTP instrumentation already started for it.
 */
export const observeRequest =
  (answered: (request: Requested, tookMs: number) => void) =>
  async (request: ObservedRequest, next: () => Promise<unknown>): Promise<void> => {
    const startedAt = performance.now()
    const span = startSpan({
      name: request.method,
      kind: SpanKind.SERVER,
      parent: null,
      within: placeOf(request),
      attributes: { [a.httpMethod]: request.method },
    })
    try {
      await context.with(trace.setSpan(context.active(), span), next)
    } finally {
      const route = routeOf(request)
      if (route !== null) {
        span.updateName(spanNames.request(request.method, route))
        span.setAttribute(a.httpRoute, route)
      }
      span.setAttribute(a.httpStatus, request.status)
      if (request.status >= 500) failed(span, String(request.status))
      span.end()
      const { method, status } = request
      answered({ method, route, status }, performance.now() - startedAt)
    }
  }

const headers: TextMapGetter<ObservedRequest> = {
  get: (request, name) => request.get(name) || undefined,
  keys: () => [],
}

const placeOf = (request: ObservedRequest): Context => {
  const here = context.active()
  return trace.getSpan(here) === undefined ? propagation.extract(here, request, headers) : here
}

/** `/v1/tenants/:tenant/events` → `/v1/tenants/{tenant}/events`; null when no route matched. */
const routeOf = ({ _matchedRoute: route }: ObservedRequest): string | null =>
  typeof route === 'string' ? route.replaceAll(/:(\w+)/g, '{$1}') : null
