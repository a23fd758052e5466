import type { IncomingMessage } from 'node:http'
import type { SeenIds } from './seen-ids.ts'
import { VerificationError } from './verification-error.ts'
import type { HeaderSource, Verifier } from './verifier.ts'
import type { WebhookEvent } from './webhook-event.ts'

export interface ReceiverOptions {
  readonly verifier: Verifier
  /** Processes an event. If it throws, the receiver answers 500 and Doorbell retries later. It should take seconds at most: queue what takes longer. */
  readonly onEvent: (event: WebhookEvent) => void | Promise<void>
  /** Remembers processed events: one that arrives again is answered and not processed a second time. */
  readonly seen?: SeenIds
  /** Receives the error of every request that was rejected or failed. */
  readonly onError?: (error: unknown) => void
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON, or empty. */
  readonly body: string
}

/** Reads the raw bytes of a request. Throws VerificationError `body_too_large`. */
type ReadBody = () => Promise<Uint8Array>

/** Many times the size of the largest webhook, which has at most 64 KiB of data. */
export const bodyLimit = 1024 * 1024
const retryAfterS = 5

/** Returns a function that verifies one webhook, processes it, and resolves to the reply. The adapters for Node, Koa, Express and fetch share it. */
export const createReceive = ({ verifier, onEvent, seen, onError }: ReceiverOptions) => {
  /** The events that are being processed. An attempt whose reply Doorbell no longer awaits may still be running. */
  const inProgress = new Set<string>()

  const processOnce = async (event: WebhookEvent): Promise<Reply> => {
    if (seen === undefined) return processed(event)
    if (inProgress.has(event.id)) return unavailable('in_progress')
    inProgress.add(event.id)
    try {
      // A person asked for the replay, so its event is processed again.
      if (event.replay !== true && (await seen.has(event.id))) return done
      const reply = await processed(event)
      await seen.add(event.id)
      return reply
    } finally {
      inProgress.delete(event.id)
    }
  }
  const processed = async (event: WebhookEvent): Promise<Reply> => {
    await onEvent(event)
    return done
  }

  /** An exception in the caller's `onError` must not end the process or change the reply. */
  const report = (error: unknown): void => {
    try {
      onError?.(error)
    } catch (another) {
      console.error('onError failed:', another)
    }
  }

  return async (headers: HeaderSource, readBody: ReadBody): Promise<Reply> => {
    try {
      const event = await verifier.verify(headers, await readBody())
      if (event.challenge !== undefined) return json(200, { challenge: event.challenge })
      return await processOnce(event)
    } catch (error) {
      report(error)
      if (!(error instanceof VerificationError)) return problem(500, 'Internal Server Error', 'failed')
      // Without keys the receiver cannot judge the request, so Doorbell should retry it.
      if (error.code === 'keys_unavailable') return unavailable(error.code)
      if (error.code === 'body_too_large') return problem(413, 'Content Too Large', error.code)
      return problem(401, 'Unauthorized', error.code)
    }
  }
}

const done: Reply = { status: 204, headers: {}, body: '' }

const json = (status: number, body: object, headers: Reply['headers'] = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

/** RFC 9457. */
export const problem = (status: number, title: string, code: string, headers: Reply['headers'] = {}): Reply =>
  json(status, { type: 'about:blank', title, status, code }, { 'content-type': 'application/problem+json', ...headers })

const unavailable = (code: string): Reply =>
  problem(503, 'Service Unavailable', code, { 'retry-after': String(retryAfterS) })

/** Reads the raw bytes of a request. Throws if there is more than 1 MiB, or if the body was read before. */
export const readRawBody = async (request: IncomingMessage): Promise<Uint8Array> => {
  if (request.readableEnded)
    throw new Error(
      'The body was read before the webhook was verified: mount the receiver before any body parser, or use express.raw().',
    )
  // Rejecting before reading lets the sender receive the reply.
  if (Number(request.headers['content-length']) > bodyLimit) throw tooLarge()
  return readAll(request as AsyncIterable<Uint8Array>)
}

/** Reads a whole body. Throws if it exceeds the limit. */
export const readAll = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const read: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > bodyLimit) throw tooLarge()
    read.push(chunk)
  }
  return Buffer.concat(read)
}

const tooLarge = () => new VerificationError('body_too_large', 'The body is larger than any webhook of Doorbell.')
