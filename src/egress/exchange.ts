import type { Dispatcher } from 'undici'
import { endpointUrl, shownUrl } from '../domain/endpoint-url.ts'
import { limits } from '../domain/limits.ts'
import type { Outcome } from '../domain/outcome.ts'
import { unanswered } from './errors.ts'
import { readRetryAfter } from './retry-after.ts'

export interface PostRequest {
  /** Each tenant has its share of the process's connections. */
  readonly tenant: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
  /** From connecting to the last byte. */
  readonly timeoutMs: number
  /** Aborted at shutdown: a request under way then ends as our own fault. */
  readonly signal: AbortSignal
}

/** The status decides the outcome; the body is only for the log, so it gets at most this much longer. */
const bodyWithinMs = 1_000

/** Sends one request and resolves to its outcome. Never rejects, never follows a redirect. */
export const exchange = (dispatcher: Dispatcher, request: PostRequest): Promise<Outcome> =>
  new Promise(resolve => {
    const { url, headers, body } = request
    const under = new Exchange(request, resolve)
    try {
      const endpoint = endpointUrl(url)
      if (endpoint === null) throw new TypeError('not a url')
      const { origin, path } = endpoint
      dispatcher.dispatch({ origin, path, method: 'POST', headers, body }, under)
    } catch (error) {
      under.onResponseError(null, error)
    }
  })

type Controller = Pick<Dispatcher.DispatchController, 'abort'>

/**
 * Turns undici's callbacks for one request into one outcome. It uses `dispatch` rather than `request`, because the stream that `request` creates
 * for an answer's body costs more than everything else, and because `dispatch` shows whether a request was sent at all.
 */
class Exchange implements Dispatcher.DispatchHandler {
  private readonly startedAt = performance.now()
  private readonly request: PostRequest
  private readonly resolve: (outcome: Outcome) => void
  private timer: NodeJS.Timeout
  /** Null until the request has a connection and is being sent. */
  private controller: Controller | null = null
  /** Null until the head of the answer has arrived. */
  private status: number | null = null
  private retryAfterMs: number | null = null
  private location: string | null = null
  private readonly chunks: Buffer[] = []
  private length = 0
  private settled = false

  constructor(request: PostRequest, resolve: (outcome: Outcome) => void) {
    this.request = request
    this.resolve = resolve
    this.timer = setTimeout(giveUp, request.timeoutMs, this, 'timeout')
    request.signal.addEventListener('abort', this)
  }

  /** Handles the abort at shutdown. */
  handleEvent(): void {
    this.giveUp('ended')
  }

  /** Settles at once, even while the request waits for a connection; undici itself would wait for it. */
  giveUp(reason: 'timeout' | 'ended'): void {
    if (this.status === null) this.fail(new Error(reason), reason)
    else this.answered()
    this.controller?.abort(new Error(reason))
  }

  onRequestStart(controller: Controller): void {
    this.controller = controller
    if (this.settled) controller.abort(new Error('given up before it was sent'))
  }

  onResponseStart(
    _controller: Controller,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // Interim answers such as 100 Continue precede the answer (RFC 9110 §15.2).
    if (status < 200) return
    this.status = status
    this.retryAfterMs = readRetryAfter(headers['retry-after'], Date.now())
    if (status >= 300 && status < 400) this.location = targetOf(headers['location'], this.request.url)
    clearTimeout(this.timer)
    const left = this.request.timeoutMs - this.tookMs()
    this.timer = setTimeout(giveUp, Math.min(bodyWithinMs, left), this, 'timeout')
  }

  /** Keeps the first 4 KiB and does not wait for the rest. */
  onResponseData(controller: Controller, chunk: Buffer): void {
    this.chunks.push(chunk)
    this.length += chunk.length
    if (this.length < limits.responseBytes) return
    this.answered()
    controller.abort(new Error('enough'))
  }

  onResponseEnd(): void {
    this.answered()
  }

  /** After the head, an error in the body does not change the answer. */
  onResponseError(_controller: Controller | null, error: unknown): void {
    if (this.status === null) this.fail(error, null)
    else this.answered()
  }

  private answered(): void {
    if (this.status === null) return
    this.settle({
      type: 'answered',
      status: this.status,
      response: this.length === 0 ? '' : startOf(this.chunks),
      tookMs: this.tookMs(),
      ...(this.location === null ? {} : { location: this.location }),
      ...(this.retryAfterMs === null ? {} : { retryAfterMs: this.retryAfterMs }),
    })
  }

  private fail(error: unknown, reason: 'timeout' | 'ended' | null): void {
    const unsent = reason === 'timeout' && this.controller === null
    this.settle(unanswered(error, unsent ? 'connect_timeout' : reason, this.tookMs()))
  }

  private settle(outcome: Outcome): void {
    if (this.settled) return
    this.settled = true
    clearTimeout(this.timer)
    this.request.signal.removeEventListener('abort', this)
    this.resolve(outcome)
  }

  private tookMs(): number {
    return performance.now() - this.startedAt
  }
}

const giveUp = (under: Exchange, reason: 'timeout') => under.giveUp(reason)

/** Where a redirect leads, in the form for logs: it may hold a token. Null if it leads to no page. */
const targetOf = (location: string | string[] | undefined, from: string): string | null => {
  const target = URL.parse(String(location ?? ''), from)
  if (location === undefined || target === null || !/^https?:$/.test(target.protocol)) return null
  target.hash = ''
  return shownUrl(target).slice(0, longestTarget)
}
const longestTarget = 500

const decoder = new TextDecoder()

const startOf = (chunks: readonly Buffer[]): string =>
  decoder.decode(Buffer.concat(chunks).subarray(0, limits.responseBytes))
