import { readRequestBody } from './read-body.ts'
import { createReceive, type ReceiverOptions } from './receive.ts'

/** Returns a handler that takes a `Request` and resolves to a `Response`, for Hono, Next.js, Remix, SvelteKit, Bun and Deno. */
export const fetchReceiver = (options: ReceiverOptions) => {
  const receive = createReceive(options)
  return async (request: Request): Promise<Response> => {
    const { status, headers, body } = await receive(request.headers, () => readRequestBody(request))
    return new Response(body === '' ? null : body, { status, headers: { ...headers } })
  }
}
