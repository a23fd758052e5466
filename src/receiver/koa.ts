import type { IncomingMessage } from 'node:http'
import { contentTypeOf, readRawBody, receive, type ReceiverOptions } from './receive.ts'

/** What the middleware uses of a Koa context. */
interface KoaLikeContext {
  readonly req: IncomingMessage
  status: number
  body: unknown
  type: string
}

/** Koa middleware; to be mounted before any body parser, since the signature is over the raw bytes. */
export const koaReceiver =
  (options: ReceiverOptions) =>
  async (context: KoaLikeContext): Promise<void> => {
    const reply = await receive(options, context.req.headers, await rawBodyOf(context.req, options))
    context.status = reply.status
    if (reply.body === undefined) return
    context.body = reply.body
    context.type = contentTypeOf(reply)
  }

const rawBodyOf = async (request: IncomingMessage, { onError }: ReceiverOptions): Promise<Uint8Array> => {
  try {
    return await readRawBody(request)
  } catch (error) {
    onError?.(error)
    throw error
  }
}
