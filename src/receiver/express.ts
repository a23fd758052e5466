import type { IncomingMessage, ServerResponse } from 'node:http'
import { send } from './node.ts'
import { createReceive, readRawBody, type ReceiverOptions } from './receive.ts'

/** A request of Express; some platforms keep the bytes of a body that they have parsed, as `rawBody`. */
type ExpressLikeRequest = IncomingMessage & { readonly body?: unknown; readonly rawBody?: unknown }

/** Express middleware; behind `express.raw({ type: 'application/json' })` or before any body parser. */
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
