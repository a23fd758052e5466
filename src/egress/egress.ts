import { Agent } from 'undici'
import { endpointUrl } from '../domain/endpoint-url.ts'
import type { Outcome } from '../domain/outcome.ts'
import { createAddressGuard } from './addresses.ts'
import { checkUrl } from './check-url.ts'
import { guardedConnector } from './connector.ts'
import { unanswered } from './errors.ts'
import { exchange, type PostRequest } from './exchange.ts'
import { RefusedAddress, type ResolveAll, systemResolver } from './guarded-lookup.ts'
import { agentOptions, defaultConnectTimeoutMs } from './http-options.ts'
import { createPortRule } from './ports.ts'

export interface EgressOptions {
  /** Private address ranges (CIDR) that deliveries may reach. */
  readonly allow: readonly string[]
  /** Whether plain http is allowed. */
  readonly http: boolean
  /** Port ranges of endpoints; null: all ports except those of other services. */
  readonly ports?: readonly (readonly [from: number, to: number])[] | null
  /** PEM of private authorities, beside the public ones. */
  readonly ca?: string | null
  readonly connectTimeoutMs?: number
  /** For tests: how names are resolved. */
  readonly resolveAll?: ResolveAll
}

/** The HTTP client for customers' endpoints, and the only way out of the service. */
export interface Egress {
  /** Checks a url when it is configured. Throws Failure `url_refused`. */
  checkUrl(url: string): Promise<void>
  /** Sends a request. Never rejects, never follows a redirect. */
  post(request: PostRequest): Promise<Outcome>
  close(): Promise<void>
}

export const createEgress = (options: EgressOptions): Egress => {
  const { connectTimeoutMs = defaultConnectTimeoutMs, resolveAll = systemResolver, http } = options
  const guard = createAddressGuard(options.allow)
  const portAllowed = createPortRule(options.ports ?? null)
  const agent = new Agent({
    connect: guardedConnector({ guard, portAllowed, resolveAll, connectTimeoutMs, ca: options.ca ?? null }),
    ...agentOptions,
  })

  const post = (request: PostRequest): Promise<Outcome> => {
    if (request.signal.aborted) return Promise.resolve(unanswered(request.signal.reason, 'ended', 0))
    // The setting may have changed after the subscription was created.
    if (!http && endpointUrl(request.url)?.protocol === 'http:')
      return Promise.resolve(unanswered(new RefusedAddress('plain http'), null, 0))
    return exchange(agent, request)
  }

  return {
    checkUrl: url => checkUrl(url, { guard, portAllowed, http, resolveAll }),
    post,
    close: () => agent.destroy(),
  }
}
