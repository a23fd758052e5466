import type { IncomingMessage } from 'node:http'
import { createReceive, readRawBody, type ReceiverOptions } from './receive.ts'

/** What the middleware uses of a Koa context. */
interface KoaLikeContext {
  readonly req: IncomingMessage
  status: number
  body: unknown
  set(headers: Record<string, string>): void
}

/** Koa middleware; to be mounted before any body parser, since the signature is over the raw bytes. */
export const koaReceiver = (options: ReceiverOptions) => {
  const receive = createReceive(options)
  return async (context: KoaLikeContext): Promise<void> => {
    const { status, headers, body } = await receive(context.req.headers, () => readRawBody(context.req))
    context.status = status
    if (body !== '') context.body = body
    context.set({ ...headers })
  }
}
