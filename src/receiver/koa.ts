import type { IncomingMessage } from 'node:http'
import { readRawBody, receive, type ReceiverOptions } from './receive.ts'

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
    const { status, body } = await receive(options, context.req.headers, await rawBodyOf(context.req, options))
    context.status = status
    if (body === undefined) return
    context.body = body
    context.type = 'application/problem+json'
  }

const rawBodyOf = async (request: IncomingMessage, { onError }: ReceiverOptions): Promise<Uint8Array> => {
  try {
    return await readRawBody(request)
  } catch (error) {
    onError?.(error)
    throw error
  }
}
