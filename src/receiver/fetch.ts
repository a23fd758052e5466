import { createReceive, readAll, type ReceiverOptions } from './receive.ts'

/** Returns a handler that takes a `Request` and resolves to a `Response`, for Hono, Next.js, Remix, SvelteKit, Bun and Deno. */
export const fetchReceiver = (options: ReceiverOptions) => {
  const receive = createReceive(options)
  return async (request: Request): Promise<Response> => {
    const { status, headers, body } = await receive(request.headers, () => rawBodyOf(request))
    return new Response(body === '' ? null : body, { status, headers: { ...headers } })
  }
}

const rawBodyOf = async ({ body, bodyUsed }: Request): Promise<Uint8Array> => {
  if (bodyUsed) throw new Error('The body was read before the webhook was verified: pass the request on unread.')
  return body === null ? new Uint8Array() : readAll(body)
}
