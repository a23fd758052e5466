import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { contentTypeOf, readRawBody, receive, type ReceiverOptions, type Reply } from './receive.ts'

/** A request listener for `http.createServer`. */
export const nodeReceiver =
  (options: ReceiverOptions): RequestListener =>
  (request, response) => {
    answer(options, request).then(
      reply => send(response, reply),
      error => {
        options.onError?.(error)
        send(response, { status: 500 })
      },
    )
  }

const answer = async (options: ReceiverOptions, request: IncomingMessage): Promise<Reply> =>
  receive(options, request.headers, await readRawBody(request))

/** Writes a reply on a plain response. */
export const send = (response: ServerResponse, reply: Reply): void => {
  const { status, body } = reply
  response.writeHead(status, body === undefined ? {} : { 'content-type': contentTypeOf(reply) })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
