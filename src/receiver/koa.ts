import type { IncomingMessage } from 'node:http'
import { createReceive, readRawBody, type ReceiverOptions } from './receive.ts'

/** The parts of a Koa context that the middleware uses. */
interface KoaLikeContext {
  readonly req: IncomingMessage
  status: number
  body: unknown
  set(headers: Record<string, string>): void
}

/** Returns Koa middleware. Mount it before any body parser, because the signature covers the raw bytes. */
export const koaReceiver = (options: ReceiverOptions) => {
  const receive = createReceive(options)
  return async (context: KoaLikeContext): Promise<void> => {
    const { status, headers, body } = await receive(context.req.headers, () => readRawBody(context.req))
    context.status = status
    if (body !== '') context.body = body
    context.set({ ...headers })
  }
}
