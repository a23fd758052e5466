import type { IncomingMessage } from 'node:http'
import type { SeenIds } from './seen-ids.ts'
import { VerificationError } from './verification-error.ts'
import type { HeaderSource, Verifier } from './verifier.ts'
import type { WebhookEvent } from './webhook-event.ts'

export interface ReceiverOptions {
  readonly verifier: Verifier
  /** Your work. When it throws, the answer is 500 and Doorbell tries again later. Be quick: queue what takes long. */
  readonly onEvent: (event: WebhookEvent) => void | Promise<void>
  /** When given, an event that was worked on is answered and not repeated. */
  readonly seen?: SeenIds
  /** Told of every request that was refused or failed. */
  readonly onError?: (error: unknown) => void
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON; empty when there is nothing to say. */
  readonly body: string
}

/** The bytes of a request as they came. Throws VerificationError `body_too_large`. */
type ReadBody = () => Promise<Uint8Array>

/** Many times the largest webhook, whose data has at most 64 KiB. */
const bodyLimit = 1024 * 1024
const againAfterS = 5

/** One webhook from request to answer: what the adapters for Node, Koa, Express and fetch share. */
export const createReceive = ({ verifier, onEvent, seen, onError }: ReceiverOptions) => {
  /** Events that are being worked on now: an attempt that Doorbell gave up waiting for may still be at work here. */
  const working = new Set<string>()

  const work = async (event: WebhookEvent): Promise<Reply> => {
    if (seen === undefined) return worked(event)
    if (working.has(event.id)) return unavailable('in_progress')
    working.add(event.id)
    try {
      // A replay was asked for: it is worked on although its event was seen.
      if (event.replay !== true && (await seen.has(event.id))) return done
      const reply = await worked(event)
      await seen.add(event.id)
      return reply
    } finally {
      working.delete(event.id)
    }
  }
  const worked = async (event: WebhookEvent): Promise<Reply> => {
    await onEvent(event)
    return done
  }

  /** Whoever is told of errors must not end the process by one of their own. */
  const tell = (error: unknown): void => {
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
      return await work(event)
    } catch (error) {
      tell(error)
      if (!(error instanceof VerificationError)) return problem(500, 'Internal Server Error', 'failed')
      // Keys that cannot be fetched are no proof of anything: Doorbell should try again.
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
  problem(503, 'Service Unavailable', code, { 'retry-after': String(againAfterS) })

/** The bytes of a request as they came. Throws when they are more than 1 MiB, or were read by somebody before. */
export const readRawBody = async (request: IncomingMessage): Promise<Uint8Array> => {
  if (request.readableEnded)
    throw new Error(
      'The body was read before the webhook was verified: mount the receiver before any body parser, or use express.raw().',
    )
  // Known before it is read, so that the sender gets an answer.
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) throw tooLarge()
  return readAll(request as AsyncIterable<Uint8Array>)
}

/** All of a body, up to the limit. */
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
