import { context, SpanKind, trace } from '@opentelemetry/api'
import { failed, startSpan } from './traced.ts'
import type { Requested } from './metrics/requests.ts'
import { attributes as a, spanNames } from './names.ts'

/** What is seen of a request: method, route and status, never its query or body. */
export interface ObservedRequest {
  readonly method: string
  readonly status: number
  get(header: string): string
  readonly _matchedRoute?: string | RegExp
}

/** Middleware: a SERVER span and a measurement for each request, named by its route, the child of the caller's `traceparent` if there is one. */
export const observeRequest =
  (answered: (request: Requested, tookMs: number) => void) =>
  async (request: ObservedRequest, next: () => Promise<unknown>): Promise<void> => {
    const startedAt = performance.now()
    const span = startSpan({
      name: request.method,
      kind: SpanKind.SERVER,
      parent: request.get('traceparent') || null,
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

/** `/v1/tenants/:tenant/events` → `/v1/tenants/{tenant}/events`; null when no route matched. */
const routeOf = ({ _matchedRoute: route }: ObservedRequest): string | null =>
  typeof route === 'string' ? route.replaceAll(/:(\w+)/g, '{$1}') : null
