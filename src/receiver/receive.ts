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
  readonly body?: Problem | { readonly challenge: string }
}

interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: string
}

const bodyLimit = 1024 * 1024

/** One webhook from raw request to answer: what the adapters for Node, Koa and Express share. */
export const receive = async (options: ReceiverOptions, headers: HeaderSource, rawBody: Uint8Array): Promise<Reply> => {
  try {
    const event = await options.verifier.verify(headers, rawBody)
    if (event.challenge !== undefined) return { status: 200, body: { challenge: event.challenge } }
    // A replay was asked for: it is worked on although its event was seen.
    if (event.replay !== true && (await options.seen?.has(event.id))) return { status: 204 }
    await options.onEvent(event)
    await options.seen?.add(event.id)
    return { status: 204 }
  } catch (error) {
    options.onError?.(error)
    if (!(error instanceof VerificationError)) return problem(500, 'Internal Server Error', 'failed')
    // Keys that cannot be fetched are no proof of anything: Doorbell should try again.
    if (error.code === 'keys_unavailable') return problem(503, 'Service Unavailable', error.code)
    return problem(401, 'Unauthorized', error.code)
  }
}

const problem = (status: number, title: string, code: string): Reply => ({
  status,
  body: { type: 'about:blank', title, status, code },
})

/** Of a reply that has a body. */
export const contentTypeOf = ({ status }: Reply): string =>
  status === 200 ? 'application/json' : 'application/problem+json'

/** The bytes of a request as they came. Throws when they are more than 1 MiB, or were read by somebody before. */
export const readRawBody = async (request: IncomingMessage): Promise<Uint8Array> => {
  if (request.readableEnded)
    throw new Error(
      'The body was read before the webhook was verified: mount the receiver before any body parser, or use express.raw().',
    )
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > bodyLimit) throw new Error('The body is larger than any webhook of Doorbell.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
