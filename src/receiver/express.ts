import type { IncomingMessage, ServerResponse } from 'node:http'
import { send } from './node.ts'
import { createReceive, readRawBody, type ReceiverOptions } from './receive.ts'

/** An Express request. Some platforms keep the raw bytes of a parsed body in `rawBody`. */
type ExpressLikeRequest = IncomingMessage & { readonly body?: unknown; readonly rawBody?: unknown }

/** Returns Express middleware. Mount it before any body parser, or behind `express.raw({ type: 'application/json' })`. */
export const expressReceiver = (options: ReceiverOptions) => {
  const receive = createReceive(options)
  return (request: ExpressLikeRequest, response: ServerResponse): void => {
    void receive(request.headers, () => rawBodyOf(request)).then(reply => send(response, reply))
  }
}

const rawBodyOf = async (request: ExpressLikeRequest): Promise<Uint8Array> => {
  for (const bytes of [request.rawBody, request.body]) if (bytes instanceof Uint8Array) return bytes
  return readRawBody(request)
}
