import type { RequestListener, ServerResponse } from 'node:http'
import { createReceive, problem, readRawBody, type ReceiverOptions, type Reply } from './receive.ts'

const onlyPost = problem(405, 'Method Not Allowed', 'only_post', { allow: 'POST' })

/** Returns a request listener for `http.createServer`. */
export const nodeReceiver = (options: ReceiverOptions): RequestListener => {
  const receive = createReceive(options)
  return (request, response) => {
    if (request.method !== 'POST') return send(response, onlyPost)
    void receive(request.headers, () => readRawBody(request)).then(reply => send(response, reply))
  }
}

/** Writes a reply to a response of Node. */
export const send = (response: ServerResponse, { status, headers, body }: Reply): void => {
  response.writeHead(status, headers)
  response.end(body)
}
