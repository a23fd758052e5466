import type { IncomingMessage, ServerResponse } from 'node:http'
import { send } from './node.ts'
import { readRawBody, receive, type ReceiverOptions } from './receive.ts'

/** Express middleware; behind `express.raw({ type: 'application/json' })` or before any body parser. */
export const expressReceiver =
  (options: ReceiverOptions) =>
  (request: IncomingMessage & { body?: unknown }, response: ServerResponse, next: (error: unknown) => void): void => {
    const rawBody = request.body instanceof Uint8Array ? Promise.resolve(request.body) : readRawBody(request)
    rawBody
      .then(body => receive(options, request.headers, body))
      .then(reply => send(response, reply))
      .catch((error: unknown) => {
        options.onError?.(error)
        next(error)
      })
  }
