import { mock } from 'node:test'
import { Readable } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import test from 'ava'
import { documentedTable } from '../../test/support/documented-table.ts'
import type { ReceiverFailure } from './failure.ts'
import { readAll, readRawBody, readRequestBody } from './read-body.ts'
import { createReceive, type ReceiverOptions } from './receive.ts'
import { problem } from './reply.ts'
import { VerificationError, type VerificationCode } from './verification-error.ts'
import type { WebhookEvent } from './webhook-event.ts'

const event = { id: 'evt_1', type: 'visit.checked_in' } as WebhookEvent
const mib = 1024 * 1024

/** A receiver whose verifier returns this event, or rejects with this error. */
const begin = (verified: WebhookEvent | Error, options: Partial<ReceiverOptions> = {}) => {
  const processed: string[] = []
  const errors: unknown[] = []
  const failures: ReceiverFailure[] = []
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
    onError: (error, failure) => {
      errors.push(error)
      failures.push(failure)
    },
    ...options,
  })
  return { processed, errors, failures, post: () => receive({ 'x-a': 'b' }, async () => Buffer.from('{}')) }
}
const rejected = (code: VerificationCode) => new VerificationError(code, 'why')
const seenIn = (ids: string[]) => ({
  has: async (id: string) => ids.includes(id),
  add: (id: string) => void ids.push(id),
})

/** The status of each code. */
const documented = Object.fromEntries(
  documentedTable('docs/receivers.md', 'What fails').map(([code = '', status]) => [
    code.replaceAll('`', ''),
    Number(status),
  ]),
)

test('an authentic event is processed and answered 204', async t => {
  const { post, processed, errors } = begin(event)
  t.deepEqual(await post(), { status: 204, headers: {}, body: '' })
  t.deepEqual([processed, errors], [['evt_1'], []])
})

test('a rejected request is answered by its reason: 401, 413 for its size, 503 while there are no keys, 500 for a fault of the receiver', async t => {
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
    body_already_read: 500,
    body_incomplete: 400,
    body_too_large: 413,
    keys_unavailable: 503,
  }
  const titles: Readonly<Record<number, string>> = {
    400: 'Bad Request',
    401: 'Unauthorized',
    500: 'Internal Server Error',
    413: 'Content Too Large',
    503: 'Service Unavailable',
  }
  for (const [code, status] of Object.entries(statuses)) {
    t.is(documented[code] ?? documented['all others'], status, `${code} in receivers.md`)
    const error = rejected(code as VerificationCode)
    const { post, processed, errors } = begin(error, { seen: seenIn([]) })
    const reply = await post()
    t.deepEqual(reply.headers, {
      'content-type': 'application/problem+json',
      ...(status === 503 ? { 'retry-after': '5' } : {}),
    })
    t.is(reply.status, status, code)
    t.deepEqual(JSON.parse(reply.body), { type: 'about:blank', title: titles[status], status, code, detail: 'why' })
    t.deepEqual([processed, errors], [[], [error]])
  }
})

test('an event whose processing fails is answered 500, is not remembered, and is processed at the next attempt', async t => {
  const ids: string[] = []
  let broken = true
  const failure = new Error('the database is unavailable')
  const onEvent = async () => (broken ? Promise.reject(failure) : undefined)
  const { post, errors, failures } = begin(event, { seen: seenIn(ids), onEvent })
  const reply = await post()
  t.is(reply.status, 500)
  t.deepEqual(JSON.parse(reply.body), {
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    code: 'handler_failed',
    detail: 'onEvent failed. The log of the receiver has its error. Doorbell tries again.',
  })
  t.deepEqual([errors, failures, ids], [[failure], [{ code: 'handler_failed', eventId: 'evt_1' }], []])
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

test('a memory that fails is answered 500 with its own code, and its text stays here', async t => {
  const failure = new Error('the database of seen ids, at 10.0.0.1')
  const failing = () => Promise.reject(failure)
  for (const [seen, worked] of [
    [{ has: failing, add: () => undefined }, []],
    [{ has: () => false, add: failing }, ['evt_1']],
  ] as const) {
    const { post, errors, failures, processed } = begin(event, { seen })
    const reply = await post()
    t.is(reply.status, 500)
    t.like(JSON.parse(reply.body), {
      code: 'seen_failed',
      detail:
        'The memory of processed events (the option seen) failed. The log of the receiver has its error. Doorbell tries again.',
    })
    t.deepEqual([errors, failures, processed], [[failure], [{ code: 'seen_failed', eventId: 'evt_1' }], worked])
  }
})

test('a verifier that fails otherwise is answered 500, and its text stays here', async t => {
  const failure = new TypeError('a secret')
  const { post, errors, failures } = begin(failure)
  const reply = await post()
  t.deepEqual([reply.status, JSON.parse(reply.body).code, reply.body.includes('secret')], [500, 'failed', false])
  t.deepEqual([errors, failures], [[failure], [{ code: 'failed' }]])
})

test.serial('without onError each failure is one call of console.error, with its code and what to do', async t => {
  const printed = mock.method(console, 'error', () => undefined)
  const away = new VerificationError('keys_unavailable', 'no keys', new Error('ECONNREFUSED'))
  const broken = new Error('the database is unavailable')
  const onEvent = () => Promise.reject(broken)
  for (const [verified, more] of [
    [rejected('body_already_read'), {}],
    [away, {}],
    [event, { onEvent }],
  ] as const) {
    const { onError: _, ...options } = { onError: undefined, ...more }
    const verifier = { verify: async () => (verified instanceof Error ? Promise.reject(verified) : verified) }
    await createReceive({ verifier, onEvent: () => undefined, ...options })({}, async () => Buffer.from(''))
  }
  t.deepEqual(
    printed.mock.calls.map(call => call.arguments),
    [
      ['doorbell/receiver: body_already_read:', 'why'],
      ['doorbell/receiver: keys_unavailable:', 'no keys', '(Error: ECONNREFUSED)'],
      ['doorbell/receiver: handler_failed (evt_1):', broken],
    ],
  )
  mock.reset()
})

test('a wrong option is named at the start', t => {
  const good: ReceiverOptions = { verifier: { verify: async () => event }, onEvent: () => undefined }
  t.notThrows(() => createReceive({ ...good, seen: seenIn([]), onError: () => undefined }))
  for (const [wrong, named] of [
    [undefined, /verifier is missing/],
    [{ ...good, verifier: undefined }, /verifier is missing/],
    [{ ...good, verifier: {} }, /verifier is missing/],
    [{ ...good, onEvent: undefined }, /onEvent is missing/],
    [{ ...good, seen: [] }, /has and add/],
    [{ ...good, seen: { has: () => true } }, /has and add/],
    [{ ...good, onError: 'console' }, /onError must be a function/],
  ] as const)
    t.throws(() => createReceive(wrong as unknown as ReceiverOptions), { instanceOf: RangeError, message: named })
})

test.serial('an exception in onError changes no answer', async t => {
  const printed = mock.method(console, 'error', () => undefined)
  const another = new Error('in onError')
  const onError = () => {
    throw another
  }
  // One that rejects would otherwise end the process.
  const asynchronous = (async () => onError()) as () => void
  for (const fails of [onError, asynchronous])
    t.is((await begin(rejected('too_old'), { onError: fails }).post()).status, 401)
  await new Promise(setImmediate)
  t.deepEqual(
    printed.mock.calls.map(call => call.arguments),
    [
      ['onError failed:', another],
      ['onError failed:', another],
    ],
  )
  mock.reset()
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
  await t.throwsAsync(readRawBody(request), {
    code: 'body_already_read',
    message: /Mount the receiver before any body parser/,
  })
})

test('a body that something else has begun to read is named: its rest would not fit the signature', async t => {
  const arriving = Object.assign(new Readable({ read: () => undefined }), { headers: {} })
  const request = arriving as unknown as IncomingMessage
  arriving.push('a')
  await new Promise(resolve => request.once('data', resolve))
  t.false(request.readableEnded)
  t.is(await codeOf(readRawBody(request)), 'body_already_read')
})

test('the bytes or the text that a body parser has kept are the body, and a parsed object is not', async t => {
  const read = async (parsed: object) => Buffer.from(await readRawBody(incoming([Buffer.from('c')]), parsed)).toString()
  const bytes = Buffer.from('é')
  t.is(await read({ rawBody: bytes, body: { parsed: true } }), 'é')
  t.is(await read({ rawBody: 'ö', body: Buffer.from('not this') }), 'ö')
  for (const body of [bytes, 'é']) t.is(await read({ body }), 'é')
  // A parser that left the body alone sets an empty object.
  t.is(await read({ body: {} }), 'c')
})

test('a request whose body is being read elsewhere is named', async t => {
  const request = new Request('https://receiver.example/', { method: 'POST', body: 'a' })
  const reader = request.body?.getReader()
  t.is(await codeOf(readRequestBody(request)), 'body_already_read')
  reader?.releaseLock()
  t.deepEqual(await readRequestBody(request), Buffer.from('a'))
})

test('a body that ends early is named, with the cause', async t => {
  const cause = new Error('aborted')
  const ends = async function* () {
    yield Buffer.from('a')
    throw cause
  }
  await t.throwsAsync(readAll(ends()), { code: 'body_incomplete' })
  t.is(((await readAll(ends()).catch((error: unknown) => error)) as Error).cause, cause)
})

test('a problem may have headers of its own', t => {
  t.deepEqual(problem(405, 'only_post', 'Why.', { allow: 'POST' }), {
    status: 405,
    headers: { 'content-type': 'application/problem+json', allow: 'POST' },
    body: '{"type":"about:blank","title":"Method Not Allowed","status":405,"code":"only_post","detail":"Why."}',
  })
})
