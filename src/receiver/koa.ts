import type { IncomingMessage } from 'node:http'
import { readRawBody } from './read-body.ts'
import { createReceive, type ReceiverOptions } from './receive.ts'

/** The parts of a Koa context that the middleware uses. */
interface KoaLikeContext {
  readonly req: IncomingMessage
  /** Koa's body parsers keep the text of a body in `rawBody`. */
  readonly request?: object
  status: number
  body: unknown
  set(headers: Record<string, string>): void
}

/** Returns Koa middleware. Mount it before any body parser, or behind one that keeps the text in `rawBody`, because the signature covers the raw bytes. */
export const koaReceiver = (options: ReceiverOptions) => {
  const receive = createReceive(options)
  return async (context: KoaLikeContext): Promise<void> => {
    const { rawBody }: { readonly rawBody?: unknown } = context.request ?? {}
    const { status, headers, body } = await receive(context.req.headers, () => readRawBody(context.req, { rawBody }))
    context.status = status
    if (body !== '') context.body = body
    context.set({ ...headers })
  }
}
