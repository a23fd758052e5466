import { mock } from 'node:test'
import test from 'ava'
import type { Dispatcher } from 'undici'
import type { Outcome } from '../domain/outcome.ts'
import { exchange, type PostRequest } from './exchange.ts'

// The time of timers and of `performance` moves only where a test moves it, so these tests run one after another.
const begunAt = 5_000
let now = begunAt
test.beforeEach(() => {
  now = begunAt
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  mock.method(performance, 'now', () => now)
})
test.afterEach.always(() => mock.reset())

const pass = (ms: number) => {
  now += ms
  mock.timers.tick(ms)
}

/** One request over a connection that does what the test says. */
const begin = (change: Partial<PostRequest> = {}) => {
  const stop = new AbortController()
  const aborted: string[] = []
  const controller = { abort: ({ message }: Error) => void aborted.push(message) } as Dispatcher.DispatchController
  let sent: Dispatcher.DispatchOptions | undefined
  let handler: Dispatcher.DispatchHandler = {}
  const dispatcher = {
    dispatch: (options: Dispatcher.DispatchOptions, given: Dispatcher.DispatchHandler) => {
      sent = options
      handler = given
      return true
    },
  } as unknown as Dispatcher
  const request = {
    tenant: 'acme',
    url: 'https://u:p@receiver.example/hook?a=b',
    headers: { 'x-a': 'b' },
    body: '{}',
    timeoutMs: 10_000,
  }
  let outcome: Outcome | undefined
  const done = exchange(dispatcher, { ...request, signal: stop.signal, ...change })
  void done.then(found => (outcome = found))
  return {
    stop,
    aborted,
    sent: () => sent,
    /** The outcome, or undefined while there is none. */
    outcome: async () => (await Promise.resolve(), outcome),
    connected: () => handler.onRequestStart?.(controller, {}),
    head: (status: number, headers = {}) => handler.onResponseStart?.(controller, status, headers),
    data: (bytes: number | Buffer) =>
      handler.onResponseData?.(controller, typeof bytes === 'number' ? Buffer.alloc(bytes, 'x') : bytes),
    end: () => handler.onResponseEnd?.(controller, {}),
    fail: (code: string) => handler.onResponseError?.(controller, Object.assign(new Error(code), { code })),
  }
}

test.serial('the request goes to the url’s origin with its query, without its credentials', t => {
  const { sent } = begin()
  t.deepEqual(sent(), {
    origin: 'https://receiver.example',
    path: '/hook?a=b',
    method: 'POST',
    headers: { 'x-a': 'b' },
    body: '{}',
  })
})

test.serial('an answer is its status, its body and the time that it took', async t => {
  const post = begin()
  post.connected()
  pass(30)
  post.head(204, { 'retry-after': '7' })
  post.data(Buffer.from('a'))
  post.data(Buffer.from('b'))
  t.is(await post.outcome(), undefined)
  pass(5)
  post.end()
  t.deepEqual(await post.outcome(), {
    type: 'answered',
    status: 204,
    response: 'ab',
    tookMs: 35,
    retryAfterMs: 7_000,
  })
  t.deepEqual(post.aborted, [])
})

test.serial('a Retry-After with a date counts from now', async t => {
  const post = begin()
  post.connected()
  pass(5_000)
  post.head(503, { 'retry-after': new Date(65_000).toUTCString() })
  post.end()
  t.like(await post.outcome(), { retryAfterMs: 60_000 })
})

test.serial('an interim answer such as 103 is no verdict: the answer after it counts', async t => {
  const post = begin()
  post.connected()
  for (const interim of [100, 103, 199]) post.head(interim, { 'retry-after': '7' })
  t.is(await post.outcome(), undefined)
  // It does not shorten the time either.
  pass(9_000)
  t.is(await post.outcome(), undefined)
  post.head(200)
  post.end()
  t.deepEqual(await post.outcome(), { type: 'answered', status: 200, response: '', tookMs: 9_000 })
})

test.serial('an interim answer alone does not keep a request from its timeout', async t => {
  const post = begin()
  post.connected()
  post.head(100)
  pass(10_000)
  t.like(await post.outcome(), { type: 'unanswered', error: 'timeout' })
})

test.serial('a request without an answer is given up at its timeout and cut off', async t => {
  const post = begin({ timeoutMs: 1_500 })
  post.connected()
  pass(1_499)
  t.is(await post.outcome(), undefined)
  pass(1)
  t.deepEqual(await post.outcome(), { type: 'unanswered', error: 'timeout', tookMs: 1_500 })
  t.deepEqual(post.aborted, ['timeout'])
})

test.serial(
  'a request without a connection is given up at its timeout, and is not sent when the connection is made later',
  async t => {
    const post = begin()
    pass(10_000)
    t.deepEqual(await post.outcome(), { type: 'unanswered', error: 'connect_timeout', tookMs: 10_000 })
    t.deepEqual(post.aborted, [])
    post.connected()
    t.deepEqual(post.aborted, ['given up before it was sent'])
  },
)

test.serial('a body may take one second longer than the head, and then the answer counts as it is', async t => {
  const post = begin()
  post.connected()
  pass(3_000)
  post.head(500)
  post.data(3)
  pass(999)
  t.is(await post.outcome(), undefined)
  pass(1)
  t.deepEqual(await post.outcome(), { type: 'answered', status: 500, response: 'xxx', tookMs: 4_000 })
  t.deepEqual(post.aborted, ['timeout'])
})

test.serial('a body never takes longer than the timeout of the whole request', async t => {
  const post = begin({ timeoutMs: 3_000 })
  post.connected()
  pass(2_900)
  post.head(200)
  pass(99)
  t.is(await post.outcome(), undefined)
  pass(1)
  t.like(await post.outcome(), { status: 200, tookMs: 3_000 })
})

test.serial('4 KiB of an answer are read, and the rest is cut off', async t => {
  const post = begin()
  post.connected()
  post.head(200)
  post.data(4_095)
  t.deepEqual([post.aborted, await post.outcome()], [[], undefined])
  post.data(1)
  t.deepEqual(post.aborted, ['enough'])
  t.deepEqual(await post.outcome(), { type: 'answered', status: 200, response: 'x'.repeat(4_096), tookMs: 0 })
})

test.serial('of a longer piece of an answer, 4 KiB are kept; of a short one, all', async t => {
  for (const [bytes, kept] of [
    [5_000, 4_096],
    [1, 1],
  ] as const) {
    const post = begin()
    post.connected()
    post.head(200)
    post.data(bytes)
    post.end()
    t.like(await post.outcome(), { response: 'x'.repeat(kept) })
  }
})

test.serial('an answer’s text is read as UTF-8, also where it is cut or broken', async t => {
  const post = begin()
  post.connected()
  post.head(200)
  const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)]
  for (const part of [first, second, Buffer.from([0xff])]) post.data(part)
  post.end()
  t.like(await post.outcome(), { response: 'é\ufffd' })
})

test.serial('at a shutdown, a request is our own fault and is cut off, whether it was sent or not', async t => {
  const [sent, unsent] = [begin(), begin()]
  sent.connected()
  for (const post of [sent, unsent]) post.stop.abort()
  t.deepEqual(await sent.outcome(), { type: 'unanswered', error: 'own_fault', tookMs: 0 })
  t.deepEqual(await unsent.outcome(), { type: 'unanswered', error: 'own_fault', tookMs: 0 })
  t.deepEqual(sent.aborted, ['ended'])
})

test.serial('at a shutdown, an answer whose head has arrived counts', async t => {
  const post = begin()
  post.connected()
  post.head(200)
  post.stop.abort()
  t.like(await post.outcome(), { type: 'answered', status: 200 })
  t.deepEqual(post.aborted, ['ended'])
})

test.serial('an error before the head is its kind of failure, and one after it changes nothing', async t => {
  const [refused, broken] = [begin(), begin()]
  refused.fail('ECONNREFUSED')
  t.like(await refused.outcome(), { type: 'unanswered', error: 'connect' })
  broken.connected()
  broken.head(200)
  broken.data(2)
  broken.fail('ECONNRESET')
  t.like(await broken.outcome(), { type: 'answered', status: 200, response: 'xx' })
})

test.serial('an end without a head is no answer', async t => {
  const post = begin()
  post.connected()
  post.end()
  t.is(await post.outcome(), undefined)
})

test.serial(
  'after its outcome, a request holds no timer and no listener, and a shutdown does not touch it',
  async t => {
    const post = begin()
    const removed = mock.method(post.stop.signal, 'removeEventListener')
    post.connected()
    post.head(200)
    post.end()
    post.data(5_000)
    t.like(await post.outcome(), { status: 200, response: '' })
    t.is(removed.mock.callCount(), 1)
    post.aborted.length = 0
    pass(60_000)
    post.stop.abort()
    t.deepEqual(post.aborted, [])
  },
)

test.serial('what cannot be sent at all is an outcome as well', async t => {
  const failing = (code: string) =>
    ({
      dispatch: () => {
        throw Object.assign(new Error(code), { code })
      },
    }) as unknown as Dispatcher
  const request = { tenant: 'acme', url: 'https://receiver.example/', headers: {}, body: '', timeoutMs: 1_000 }
  const { signal } = new AbortController()
  t.like(await exchange(failing('UND_ERR_DESTROYED'), { ...request, signal }), { error: 'own_fault' })
  const { sent, outcome } = begin({ url: 'not a url' })
  t.is(sent(), undefined)
  t.like(await outcome(), { type: 'unanswered', error: 'reset' })
})
