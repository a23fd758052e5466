import type { Readable } from 'node:stream'
import { Agent, type Dispatcher } from 'undici'
import { limits } from '../domain/limits.ts'
import type { Outcome } from '../domain/outcome.ts'
import { createAddressGuard } from './addresses.ts'
import { checkUrl } from './check-url.ts'
import { guardedConnector, RefusedAddress, type ResolveAll, systemResolver } from './connector.ts'
import { unanswered } from './errors.ts'
import { createPortRule } from './ports.ts'
import { readRetryAfter } from './retry-after.ts'

export interface EgressOptions {
  /** Address ranges (CIDR) that are reachable although they are private. */
  readonly allow: readonly string[]
  /** Whether plain http is allowed. */
  readonly http: boolean
  /** Port ranges that endpoints may have; null: all that are not another service's. */
  readonly ports?: readonly (readonly [from: number, to: number])[] | null
  /** PEM of private authorities, beside the public ones. */
  readonly ca?: string | null
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

/** The head of an answer is the verdict; its body is for the log and gets this much longer. */
const bodyWithinMs = 1_000

export const createEgress = (options: EgressOptions): Egress => {
  const { connectTimeoutMs = 3_000, resolveAll = systemResolver, http } = options
  const guard = createAddressGuard(options.allow)
  const portAllowed = createPortRule(options.ports ?? null)
  const agent = new Agent({
    connect: guardedConnector({ guard, portAllowed, resolveAll, connectTimeoutMs, ca: options.ca ?? null }),
    // As many sockets as there are attempts under way: the supervisors bound those, and nobody waits for another's socket.
    connections: null,
    pipelining: 1,
    // One request a connection: limits and timeouts are per socket, and HTTP/2 would share one.
    allowH2: false,
    keepAliveTimeout: 20_000,
    keepAliveMaxTimeout: 60_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 16 * 1024,
  }).compose(noteSending)

  const post = async ({ url, headers, body, timeoutMs, signal }: PostRequest): Promise<Outcome> => {
    const startedAt = performance.now()
    const tookMs = () => performance.now() - startedAt
    if (signal.aborted) return unanswered(signal.reason, 'ended', tookMs())
    // The setting may have changed since the subscription was made.
    if (!http && URL.parse(url)?.protocol === 'http:')
      return unanswered(new RefusedAddress('plain http'), null, tookMs())
    const cancel = new AbortController()
    let reason: 'timeout' | 'ended' | null = null
    // A request that waits for its connection does not heed its signal: the race does.
    const { promise: ended, reject: giveUp } = Promise.withResolvers<never>()
    const end = (why: 'timeout' | 'ended') => () => {
      reason ??= why
      cancel.abort()
      giveUp(new Error(why))
    }
    const onTimeout = setTimeout(end('timeout'), timeoutMs)
    const onEnd = end('ended')
    signal.addEventListener('abort', onEnd, { once: true })
    const sending = { begun: false }
    try {
      const { origin, pathname, search } = new URL(url)
      const answering = agent.request({
        ...({ sending } satisfies Noted),
        origin,
        path: pathname + search,
        method: 'POST',
        headers,
        body,
        signal: cancel.signal,
      })
      const answer = await Promise.race([answering, ended])
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
      return unanswered(error, reason === 'timeout' && !sending.begun ? 'connect_timeout' : reason, tookMs())
    } finally {
      clearTimeout(onTimeout)
      signal.removeEventListener('abort', onEnd)
    }
  }

  return {
    checkUrl: url => checkUrl(url, { guard, portAllowed, http, resolveAll }),
    post,
    close: () => agent.destroy(),
  }
}

interface Noted {
  readonly sending: { begun: boolean }
}

/** Tells a request that found no connection in time from one that was sent and not answered. */
const noteSending =
  (dispatch: Dispatcher.Dispatch): Dispatcher.Dispatch =>
  (options, handler) => {
    const { sending } = options as unknown as Noted
    return dispatch(options, {
      onRequestStart: (...args) => {
        sending.begun = true
        handler.onRequestStart?.(...args)
      },
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    })
  }

const decoder = new TextDecoder()

/** The first 4 KiB of an answer as text, as far as they come: a receiver that drips or breaks off has answered all the same. */
const readStart = async (body: Readable): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  const late = setTimeout(() => body.destroy(), bodyWithinMs)
  try {
    // Leaving the loop early cancels the rest.
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= limits.responseBytes) break
    }
  } catch {
    // What has come is kept.
  } finally {
    clearTimeout(late)
  }
  return length === 0 ? '' : decoder.decode(Buffer.concat(chunks).subarray(0, limits.responseBytes))
}
