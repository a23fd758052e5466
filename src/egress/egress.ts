import { type EndpointUrl, endpointUrl } from '../domain/endpoint-url.ts'
import type { Outcome } from '../domain/outcome.ts'
import { addressOf, createAddressGuard } from './addresses.ts'
import { checkUrl } from './check-url.ts'
import { createConnections } from './connections.ts'
import { guardedConnector } from './connector.ts'
import { unanswered } from './errors.ts'
import { exchange, type PostRequest } from './exchange.ts'
import { createFairSlots, defaultSlotWaitMs, type Release } from './fair-slots.ts'
import { RefusedAddress } from './guarded-lookup.ts'
import { defaultConnectTimeoutMs } from './http-options.ts'
import { createNames, defaultLookUpTimeoutMs } from './names/names.ts'
import type { ResolveAll } from './names/resolved.ts'
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
  /** DNS servers for the names of endpoints; null: those of the system. */
  readonly dnsServers?: readonly string[] | null
  /** After this time a connection takes no further request. */
  readonly connectionMaxAgeMs?: number
  /** How many attempts may be under way; as many connections may be open. */
  readonly maxAttempts?: number
  /** How long an attempt waits when too many are under way. */
  readonly slotWaitMs?: number
  readonly connectTimeoutMs?: number
  readonly lookUpTimeoutMs?: number
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

const now = () => performance.now()

export const createEgress = (options: EgressOptions): Egress => {
  const { connectTimeoutMs = defaultConnectTimeoutMs, lookUpTimeoutMs = defaultLookUpTimeoutMs, http } = options
  const guard = createAddressGuard(options.allow)
  const portAllowed = createPortRule(options.ports ?? null)
  const { dnsServers: servers = null, maxAttempts = Infinity } = options
  const resolveAll = createNames({ servers, lookUpTimeoutMs, now, resolveAll: options.resolveAll })
  const connections = createConnections({
    createConnector: () =>
      guardedConnector({ guard, portAllowed, resolveAll, connectTimeoutMs, ca: options.ca ?? null }),
    maxAgeMs: options.connectionMaxAgeMs ?? 60_000,
    maxSockets: maxAttempts,
    now,
  })
  const slots = createFairSlots({
    capacity: maxAttempts,
    waitMs: options.slotWaitMs ?? defaultSlotWaitMs,
    pauseMs: 1_000,
  })
  let closed = false

  /** The process or the machine has run out of something that each connection needs. */
  const makeRoom = () => {
    connections.closeIdle()
    slots.pause()
  }

  const post = async (request: PostRequest): Promise<Outcome> => {
    const endpoint = endpointUrl(request.url)
    // The setting may have changed after the subscription was created.
    if (!http && endpoint?.protocol === 'http:') return unanswered(new RefusedAddress('plain http'), null, 0)
    if (endpoint === null) return unanswered(new TypeError('not a url'), null, 0)
    const startedAt = now()
    const notSent = (error: unknown) =>
      unanswered(error, closed || request.signal.aborted ? 'ended' : null, now() - startedAt)
    let release: Release
    try {
      release = await prepare(endpoint, request)
    } catch (error) {
      return notSent(error)
    }
    try {
      if (closed || request.signal.aborted) return notSent(null)
      const outcome = await connections.use(endpoint.origin, dispatcher => exchange(dispatcher, request))
      if (outcome.type === 'unanswered' && outcome.fault !== undefined) makeRoom()
      return outcome
    } finally {
      release()
    }
  }

  /**
   * Resolves the name, and then waits for a slot, before the connection is made. So neither a slow look-up nor our own queue is taken for an endpoint
   * that accepts no connections.
   */
  const prepare = async ({ origin, hostname }: EndpointUrl, { tenant, signal }: PostRequest): Promise<Release> => {
    signal.throwIfAborted()
    if (addressOf(hostname) === null) await untilAborted(resolveAll(hostname), signal)
    return slots.take({ tenant, endpoint: origin }, signal)
  }

  return {
    checkUrl: url => checkUrl(url, { guard, portAllowed, http, resolveAll }),
    post,
    close: () => {
      closed = true
      return connections.close()
    },
  }
}

const untilAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
