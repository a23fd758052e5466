import { Agent } from 'undici'
import { limits } from '../domain/limits.ts'
import type { Outcome } from '../domain/outcome.ts'
import { createAddressGuard } from './addresses.ts'
import { checkUrl } from './check-url.ts'
import { guardedConnector, RefusedAddress, type ResolveAll, systemResolver } from './connector.ts'
import { unanswered } from './errors.ts'
import { readRetryAfter } from './retry-after.ts'

export interface EgressOptions {
  /** Address ranges (CIDR) that are reachable although they are private. */
  readonly allow: readonly string[]
  /** Whether plain http is allowed. */
  readonly http: boolean
  readonly connectTimeoutMs?: number
  /** For tests: how names are resolved. */
  readonly resolveAll?: ResolveAll
}

export interface PostRequest {
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
  /** Connect to last byte. */
  readonly timeoutMs: number
  /** Our own end: what is under way then is a fault of ours. */
  readonly signal: AbortSignal
}

/** The only way out of the service. */
export interface Egress {
  /** For the moment of configuration. Throws Failure `url_refused`. */
  checkUrl(url: string): Promise<void>
  /** Never rejects, never follows a redirect. */
  post(request: PostRequest): Promise<Outcome>
  close(): Promise<void>
}

/** Sockets to one origin; above it requests wait. As many as a subscription may have under way at most. */
const connectionsPerOrigin = 500

export const createEgress = (options: EgressOptions): Egress => {
  const { connectTimeoutMs = 3_000, resolveAll = systemResolver, http } = options
  const guard = createAddressGuard(options.allow)
  const agent = new Agent({
    connect: guardedConnector(guard, resolveAll, connectTimeoutMs),
    connections: connectionsPerOrigin,
    pipelining: 1,
    // One request a connection: limits and timeouts are per socket, and HTTP/2 would share one.
    allowH2: false,
    keepAliveTimeout: 20_000,
    keepAliveMaxTimeout: 60_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 16 * 1024,
  })

  const post = async ({ url, headers, body, timeoutMs, signal }: PostRequest): Promise<Outcome> => {
    const startedAt = performance.now()
    const tookMs = () => performance.now() - startedAt
    if (signal.aborted) return unanswered(signal.reason, 'ended', tookMs())
    // The setting may have changed since the subscription was made.
    if (!http && URL.parse(url)?.protocol === 'http:')
      return unanswered(new RefusedAddress('plain http'), null, tookMs())
    const cancel = new AbortController()
    let reason: 'timeout' | 'ended' | null = null
    const end = (why: 'timeout' | 'ended') => () => {
      reason ??= why
      cancel.abort()
    }
    const onTimeout = setTimeout(end('timeout'), timeoutMs)
    const onEnd = end('ended')
    signal.addEventListener('abort', onEnd, { once: true })
    try {
      const { origin, pathname, search } = new URL(url)
      const answer = await agent.request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers,
        body,
        signal: cancel.signal,
      })
      const retryAfterMs = readRetryAfter(answer.headers['retry-after'], Date.now())
      const response = await readStart(answer.body)
      return {
        type: 'answered',
        status: answer.statusCode,
        response,
        tookMs: tookMs(),
        ...(retryAfterMs === null ? {} : { retryAfterMs }),
      }
    } catch (error) {
      return unanswered(error, reason, tookMs())
    } finally {
      clearTimeout(onTimeout)
      signal.removeEventListener('abort', onEnd)
    }
  }

  return {
    checkUrl: url => checkUrl(url, { guard, http, resolveAll }),
    post,
    close: () => agent.destroy(),
  }
}

const decoder = new TextDecoder()

/** The first 4 KiB of an answer as text; leaving the loop early cancels the rest. */
const readStart = async (body: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= limits.responseBytes) break
  }
  return length === 0 ? '' : decoder.decode(Buffer.concat(chunks).subarray(0, limits.responseBytes))
}
