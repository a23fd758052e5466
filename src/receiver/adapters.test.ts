import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import test from 'ava'
import { expressReceiver } from './express.ts'
import { fetchReceiver } from './fetch.ts'
import { koaReceiver } from './koa.ts'
import { nodeReceiver } from './node.ts'
import type { ReceiverOptions } from './receive.ts'
import { VerificationError } from './verification-error.ts'
import type { WebhookEvent } from './webhook-event.ts'

interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** What stands for a request of Node, with headers and a body; `more` is what a body parser has added. */
const incoming = (body: string, more: object = {}) =>
  Object.assign(Readable.from(body === '' ? [] : [Buffer.from(body)]), {
    method: 'POST',
    headers: { 'x-a': 'b' },
    ...more,
  }) as unknown as IncomingMessage

const answerOf = (request: IncomingMessage, handle: (request: IncomingMessage, response: ServerResponse) => void) =>
  new Promise<Received>(resolve => {
    let head: Omit<Received, 'body'> = { status: 200, headers: {} }
    const response = {
      writeHead: (status: number, headers: Received['headers']) => void (head = { status, headers }),
      end: (body: string) => resolve({ ...head, body }),
    }
    handle(request, response as unknown as ServerResponse)
  })

type Adapter = (options: ReceiverOptions, body: string) => Promise<Received>

const adapters: Readonly<Record<string, Adapter>> = {
  node: (options, body) => answerOf(incoming(body), nodeReceiver(options)),
  express: (options, body) => answerOf(incoming(body), expressReceiver(options)),
  'express.raw': (options, body) => answerOf(incoming('', { body: Buffer.from(body) }), expressReceiver(options)),
  'express with rawBody': (options, body) =>
    answerOf(incoming('', { body: { parsed: true }, rawBody: Buffer.from(body) }), expressReceiver(options)),
  koa: async (options, body) => {
    const set: Record<string, string> = {}
    const context = {
      req: incoming(body),
      status: 404,
      body: undefined as unknown,
      set: (more: object) => void Object.assign(set, more),
    }
    await koaReceiver(options)(context)
    return { status: context.status, headers: set, body: typeof context.body === 'string' ? context.body : '' }
  },
  fetch: async (options, body) => {
    const request = new Request('https://receiver.example/', { method: 'POST', headers: { 'x-a': 'b' }, body })
    const response = await fetchReceiver(options)(request)
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
  },
}

const event = { id: 'evt_1' } as WebhookEvent
const begin = (code?: 'too_old' | 'keys_unavailable', challenge?: string) => {
  const processed: string[] = []
  const verifier: ReceiverOptions['verifier'] = {
    verify: async (headers, body) => {
      const sent = typeof headers.get === 'function' ? headers.get('x-a') : (headers as Record<string, string>)['x-a']
      expectEqual([sent, Buffer.from(body).toString()], ['b', 'the body'])
      if (code !== undefined) throw new VerificationError(code, 'why')
      return challenge === undefined ? event : { ...event, challenge }
    },
  }
  return { options: { verifier, onEvent: ({ id }: WebhookEvent) => void processed.push(id) }, processed }
}
const expectEqual = (given: unknown, wanted: unknown) => {
  if (JSON.stringify(given) !== JSON.stringify(wanted)) throw new Error(`got ${JSON.stringify(given)}`)
}

for (const [name, post] of Object.entries(adapters)) {
  test(`with ${name}, an event is processed and answered 204 without a body`, async t => {
    const { options, processed } = begin()
    t.deepEqual(await post(options, 'the body'), { status: 204, headers: {}, body: '' })
    t.deepEqual(processed, ['evt_1'])
  })

  test(`with ${name}, a rejected request and one that cannot be judged have their answers, with Retry-After`, async t => {
    const refused = await post(begin('too_old').options, 'the body')
    t.like(refused, { status: 401, headers: { 'content-type': 'application/problem+json' } })
    t.like(JSON.parse(refused.body), { code: 'too_old' })
    t.like(await post(begin('keys_unavailable').options, 'the body'), {
      status: 503,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '5' },
    })
  })

  test(`with ${name}, a challenge is answered as JSON`, async t => {
    t.like(await post(begin(undefined, 'text').options, 'the body'), {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"challenge":"text"}',
    })
  })
}

test('a request other than POST is answered 405 and not read', async t => {
  const request = incoming('the body', { method: 'GET' })
  const { options, processed } = begin()
  t.like(await answerOf(request, nodeReceiver(options)), { status: 405, headers: { allow: 'POST' } })
  t.deepEqual([processed, request.readableDidRead], [[], false])
})

test('an empty body is read, and one that was read before is named', async t => {
  const errors: string[] = []
  const verifier = {
    verify: async (_: unknown, body: string | Uint8Array) => Promise.reject(new Error(`${body.length} bytes`)),
  }
  const receive = fetchReceiver({ verifier, onEvent: () => undefined, onError: error => errors.push(String(error)) })
  await receive(new Request('https://receiver.example/', { method: 'POST' }))
  const read = new Request('https://receiver.example/', { method: 'POST', body: 'a' })
  await read.text()
  const answer = await receive(read)
  t.is(answer.status, 500)
  t.like(await answer.json(), { code: 'body_already_read' })
  t.deepEqual(errors, [
    'Error: 0 bytes',
    'VerificationError: The body was read before the webhook was verified, and the signature covers its raw bytes. Pass the request on unread, or pass a clone of it.',
  ])
})

test('behind a body parser that kept the text, Koa verifies that text', async t => {
  const { options, processed } = begin()
  const request = incoming('')
  const context = { req: request, request: { rawBody: 'the body' }, status: 404, body: undefined, set: () => undefined }
  await koaReceiver(options)(context)
  t.deepEqual([context.status, processed], [204, ['evt_1']])
})

test('a reply that cannot be written is reported, and ends no process', async t => {
  const reported = Promise.withResolvers<unknown[]>()
  const { options } = begin()
  const late = new Error('ERR_HTTP_HEADERS_SENT')
  const response = {
    writeHead: () => {
      throw late
    },
  }
  const onError: NonNullable<ReceiverOptions['onError']> = (...all) => reported.resolve(all)
  nodeReceiver({ ...options, onError })(incoming('the body'), response as unknown as Parameters<RequestListener>[1])
  t.deepEqual(await reported.promise, [late, { code: 'reply_failed' }])
})
