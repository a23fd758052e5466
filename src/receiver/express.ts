import type { IncomingMessage, ServerResponse } from 'node:http'
import { send } from './node.ts'
import { type Parsed, readRawBody } from './read-body.ts'
import { createReceive, type ReceiverOptions } from './receive.ts'

/** Returns Express middleware. Mount it before any body parser, or behind `express.raw({ type: 'application/json' })`. */
export const expressReceiver = (options: ReceiverOptions) => {
  const receive = createReceive(options)
  return (request: IncomingMessage & Parsed, response: ServerResponse): void =>
    send(
      response,
      receive(request.headers, () => readRawBody(request, request)),
      receive,
    )
}
