import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type Parsed, readRawBody } from './read-body.ts'
import { createReceive, type Receive, type ReceiverOptions } from './receive.ts'
import { problem, type Reply } from './reply.ts'

const onlyPost = problem(405, 'only_post', 'Doorbell sends webhooks as POST.', { allow: 'POST' })

/** Returns a request listener for `http.createServer`. */
export const nodeReceiver = (options: ReceiverOptions): RequestListener => {
  const receive = createReceive(options)
  return (request: IncomingMessage & Parsed, response) => {
    const reply =
      request.method === 'POST'
        ? receive(request.headers, () => readRawBody(request, request))
        : Promise.resolve(onlyPost)
    send(response, reply, receive)
  }
}

/** Writes a reply to a response of Node. A reply that cannot be written, as when another middleware has answered, is reported. */
export const send = (response: ServerResponse, reply: Promise<Reply>, { notSent }: Receive): void => {
  write(response, reply).catch(notSent)
}

const write = async (response: ServerResponse, reply: Promise<Reply>): Promise<void> => {
  const { status, headers, body } = await reply
  response.writeHead(status, headers)
  response.end(body)
}
