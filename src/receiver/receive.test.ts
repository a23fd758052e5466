import { mock } from 'node:test'
import { Readable } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import test from 'ava'
import { createReceive, problem, readAll, readRawBody, type ReceiverOptions } from './receive.ts'
import { VerificationError, type VerificationCode } from './verification-error.ts'
import type { WebhookEvent } from './webhook-event.ts'

const event = { id: 'evt_1', type: 'visit.checked_in' } as WebhookEvent
const mib = 1024 * 1024

/** A receiver whose verifier returns this event, or rejects with this error. */
const begin = (verified: WebhookEvent | Error, options: Partial<ReceiverOptions> = {}) => {
  const processed: string[] = []
  const errors: unknown[] = []
  const receive = createReceive({
    verifier: {
      verify: async (headers, body) => {
        if ((headers as Record<string, string>)['x-a'] !== 'b' || body.length !== 2)
          throw new Error('not what was sent')
        if (verified instanceof Error) throw verified
        return verified
      },
    },
    onEvent: ({ id }) => void processed.push(id),
    onError: error => errors.push(error),
    ...options,
  })
  return { processed, errors, post: () => receive({ 'x-a': 'b' }, async () => Buffer.from('{}')) }
}
const rejected = (code: VerificationCode) => new VerificationError(code, 'why')
const seenIn = (ids: string[]) => ({
  has: async (id: string) => ids.includes(id),
  add: (id: string) => void ids.push(id),
})

test('an authentic event is processed and answered 204', async t => {
  const { post, processed, errors } = begin(event)
  t.deepEqual(await post(), { status: 204, headers: {}, body: '' })
  t.deepEqual([processed, errors], [['evt_1'], []])
})

test('a rejected request is answered by its reason: 401, 413 for its size, 503 while there are no keys', async t => {
  const statuses: Readonly<Record<VerificationCode, number>> = {
    missing_header: 401,
    malformed_signature: 401,
    wrong_signature: 401,
    unknown_key: 401,
    wrong_audience: 401,
    wrong_issuer: 401,
    too_old: 401,
    wrong_event: 401,
    malformed_body: 401,
    body_too_large: 413,
    keys_unavailable: 503,
  }
  const titles: Readonly<Record<number, string>> = {
    401: 'Unauthorized',
    413: 'Content Too Large',
    503: 'Service Unavailable',
  }
  for (const [code, status] of Object.entries(statuses)) {
    const error = rejected(code as VerificationCode)
    const { post, processed, errors } = begin(error, { seen: seenIn([]) })
    const reply = await post()
    t.deepEqual(reply.headers, {
      'content-type': 'application/problem+json',
      ...(status === 503 ? { 'retry-after': '5' } : {}),
    })
    t.is(reply.status, status, code)
    t.deepEqual(JSON.parse(reply.body), { type: 'about:blank', title: titles[status], status, code })
    t.deepEqual([processed, errors], [[], [error]])
  }
})

test('an event whose processing fails is answered 500, is not remembered, and is processed at the next attempt', async t => {
  const ids: string[] = []
  let broken = true
  const failure = new Error('the database is unavailable')
  const onEvent = async () => (broken ? Promise.reject(failure) : undefined)
  const { post, errors } = begin(event, { seen: seenIn(ids), onEvent })
  const reply = await post()
  t.is(reply.status, 500)
  t.deepEqual(JSON.parse(reply.body), {
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    code: 'failed',
  })
  t.deepEqual([errors, ids], [[failure], []])
  broken = false
  t.is((await post()).status, 204)
  t.deepEqual(ids, ['evt_1'])
})

test('an event that was processed is answered and not processed again; without a memory it is', async t => {
  const [once, always] = [begin(event, { seen: seenIn([]) }), begin(event)]
  for (const { post } of [once, always, once, always]) t.is((await post()).status, 204)
  t.deepEqual([once.processed.length, always.processed.length], [1, 2])
})

test('a replay is processed although its event was', async t => {
  const ids = ['evt_1']
  const { post, processed } = begin({ ...event, replay: true }, { seen: seenIn(ids) })
  t.is((await post()).status, 204)
  t.deepEqual([processed, ids], [['evt_1'], ['evt_1', 'evt_1']])
})

test('an event that arrives again while it is being processed is to be sent again in five seconds', async t => {
  const end = Promise.withResolvers<void>()
  let begun = 0
  const seen = seenIn([])
  const { post } = begin(event, { seen, onEvent: () => ((begun += 1), end.promise) })
  const first = post()
  while (begun === 0) await Promise.resolve()
  const again = await post()
  t.deepEqual([again.status, again.headers['retry-after'], JSON.parse(again.body).code], [503, '5', 'in_progress'])
  end.resolve()
  t.deepEqual([(await first).status, (await post()).status, begun], [204, 204, 1])
})

test('an event is remembered only after it was processed, and answered only after it is remembered', async t => {
  const steps: string[] = []
  const seen = {
    has: () => false,
    add: async () => {
      await Promise.resolve()
      steps.push('remembered')
    },
  }
  const onEvent = async () => {
    await Promise.resolve()
    steps.push('processed')
  }
  await begin(event, { seen, onEvent }).post()
  t.deepEqual(steps, ['processed', 'remembered'])
})

test('a challenge is answered with its text, and is not an event', async t => {
  const { post, processed } = begin({ ...event, challenge: 'text' }, { seen: seenIn([]) })
  const reply = await post()
  t.deepEqual(reply, { status: 200, headers: { 'content-type': 'application/json' }, body: '{"challenge":"text"}' })
  t.deepEqual(processed, [])
})

test.serial('an exception in onError changes no answer, and no onError is needed', async t => {
  const printed = mock.method(console, 'error', () => undefined)
  const another = new Error('in onError')
  const onError = () => {
    throw another
  }
  t.is((await begin(rejected('too_old'), { onError }).post()).status, 401)
  t.deepEqual(
    printed.mock.calls.map(call => call.arguments),
    [['onError failed:', another]],
  )
  mock.reset()
  const { onError: _, ...without } = {
    onError: undefined,
    verifier: { verify: () => Promise.reject(rejected('too_old')) },
  }
  const reply = await createReceive({ ...without, onEvent: () => undefined })({}, async () => Buffer.from(''))
  t.is(reply.status, 401)
})

const incoming = (chunks: readonly Uint8Array[], headers = {}) =>
  Object.assign(Readable.from(chunks), { headers }) as unknown as IncomingMessage
const codeOf = (read: Promise<unknown>) =>
  read.then(
    () => 'read',
    (error: { code?: string }) => error.code,
  )

test('a body is read whole, up to 1 MiB', async t => {
  const parts = ['a', 'é', ''].map(part => Buffer.from(part))
  t.deepEqual(await readRawBody(incoming(parts)), Buffer.from('aé'))
  const largest = [Buffer.alloc(mib - 1), Buffer.alloc(1)]
  t.is((await readRawBody(incoming(largest, { 'content-length': String(mib) }))).length, mib)
  t.is(await codeOf(readRawBody(incoming([...largest, Buffer.alloc(1)]))), 'body_too_large')
})

test('a body that announces more than 1 MiB is rejected before it is read', async t => {
  let read = false
  const endless = Object.assign(
    Readable.from(
      (function* () {
        read = true
        yield Buffer.alloc(1)
      })(),
    ),
    { headers: { 'content-length': String(mib + 1) } },
  )
  t.is(await codeOf(readRawBody(endless as unknown as IncomingMessage)), 'body_too_large')
  t.false(read)
})

test('of an endless body only the first MiB is read', async t => {
  let chunks = 0
  const endless = async function* () {
    for (; chunks < 100; chunks += 1) yield Buffer.alloc(mib / 4)
  }
  t.is(await codeOf(readAll(endless())), 'body_too_large')
  t.is(chunks, 4)
})

test('a body that something else has read is named', async t => {
  const request = incoming([Buffer.from('a')])
  await readRawBody(request)
  await t.throwsAsync(readRawBody(request), { message: /mount the receiver before any body parser/ })
})

test('a problem may have headers of its own', t => {
  t.deepEqual(problem(405, 'Method Not Allowed', 'only_post', { allow: 'POST' }), {
    status: 405,
    headers: { 'content-type': 'application/problem+json', allow: 'POST' },
    body: '{"type":"about:blank","title":"Method Not Allowed","status":405,"code":"only_post"}',
  })
})
